import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import { startBuilder } from '../../builder/builder.ts';
import { keepHeapTight } from '../../builder/tight-heap.ts';
import { builderConfigurationSchema } from '../../builder/configuration.ts';
import type { BuilderConfiguration } from '../../builder/configuration.ts';
import { readConfiguration } from '../../configuration/configuration.ts';
import { createLogger } from '../../logging/logger.ts';
import type { Logger } from '../../logging/logger.ts';
import { takeInstanceLock } from '../../supervision/instance-lock.ts';
import { builderHelp, parseBuilderFlags } from './builder-flags.ts';
import type { Command } from '../command.ts';
import { noticeSource } from './ask-for-notice.ts';
import { exitWhenIdle } from './exit-when-idle.ts';
import type { IdleExit } from './exit-when-idle.ts';
import { watchInterruption } from './interruption.ts';
import { logLevel } from '../runner/log-level.ts';
import { runPart } from '../up/run-part.ts';
import type { PartVoice, RunningPart } from '../up/run-part.ts';

export const builderCommand: Command = {
  help: builderHelp,
  run: (parameters) => runPart('builder', (voice) => start(parameters, voice)),
};

async function start(parameters: readonly string[], voice: PartVoice): Promise<RunningPart> {
  const { configFile, hostname, idleTime, exitHook, interruptionNotice, ...flags } =
    parseBuilderFlags(parameters, process.env);
  keepHeapTight();
  const logger = createLogger({ program: 'builder', level: logLevel(process.env) });
  await using starting = new AsyncDisposableStack();
  if (flags.stateDirectory !== null) starting.use(await lockFolder(flags.stateDirectory, logger));
  let idle: IdleExit | undefined;
  const builder = starting.use(
    await startBuilder({
      ...flags,
      ...(hostname !== null && { hostname }),
      configuration: readSettings(configFile),
      daemon: daemonAddressFromEnvironment(process.env),
      environment: process.env,
      logger,
      onWork: (derivations) => {
        voice.status(describeWork(derivations));
        idle?.note(derivations.length);
      },
    }),
  );
  const drain = (): void => builder.drain();
  if (idleTime !== null) {
    idle = starting.use(exitWhenIdle(idleTime, { drain, hook: exitHook, logger }));
    idle.note(builder.held);
  }
  const interruption =
    interruptionNotice === undefined
      ? null
      : starting.use(
          watchInterruption(noticeSource(interruptionNotice, process.env), { drain, logger }),
        );
  const ends = [builder.ended.then(() => idle?.afterwards())];
  const running = starting.move();
  return {
    address: `building for ${flags.gatewayEndpoint}`,
    ended: Promise.race(interruption === null ? ends : [...ends, interruption.handBack]),
    drain,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Two that show one name would take each other's place at the runner again and again. */
const lockFolder = (folder: string, logger: Logger): Promise<Disposable> =>
  takeInstanceLock(join(folder, 'lock'), {
    holder: 'builder',
    warn: (sentence) => logger.warn({}, sentence),
  });

// A line that a person reads.
const namesMax = 20;

/** In the words of Hydra's builder. */
function describeWork(derivations: readonly string[]): string {
  const names = derivations.slice(0, namesMax);
  const rest = derivations.length > namesMax ? ', …' : '';
  const list = derivations.length === 0 ? '' : `: ${names.join(', ')}${rest}`;
  return `Building ${derivations.length} drvs${list}`;
}

// Hydra's default.
const usualFile = 'config.toml';

function readSettings(named: string | null): BuilderConfiguration {
  const file = named ?? (existsSync(usualFile) ? usualFile : null);
  return file === null
    ? builderConfigurationSchema.parse({})
    : readConfiguration(file, builderConfigurationSchema);
}
