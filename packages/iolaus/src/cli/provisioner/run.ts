import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '../../logging/logger.ts';
import { parseBind } from '../../protocol/bind.ts';
import { joinDocumentFor } from '../../provisioner/join-document.ts';
import { holderName } from '../../provisioner/lead.ts';
import { Provisioner } from '../../provisioner/provisioner.ts';
import { serveStatus } from '../../provisioner/serve.ts';
import { readMemory, writeMemory } from '../../provisioner/state-file.ts';
import { takeInstanceLock } from '../../supervision/instance-lock.ts';
import { parseParameters, refusePositionals } from '../command.ts';
import { logLevel } from '../runner/log-level.ts';
import { runPart } from '../up/run-part.ts';
import type { RunningPart } from '../up/run-part.ts';
import { openSettings } from './settings.ts';

/** The loop, until it is told to stop. Machines stay as they are. */
export function runProvisioner(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('provisioner', parameters, {
    config: { type: 'string', short: 'c' },
  });
  refusePositionals('provisioner', positionals);
  return runPart('provisioner', () => start(values.config));
}

async function start(file: string | undefined): Promise<RunningPart> {
  const logger = createLogger({ program: 'provisioner', level: logLevel(process.env) });
  await using starting = new AsyncDisposableStack();
  const settings = starting.use(await openSettings(file));
  const { configuration } = settings;
  const { stateDirectory, owner, listen } = configuration;
  mkdirSync(stateDirectory, { recursive: true });
  starting.use(
    await takeInstanceLock(join(stateDirectory, `${owner}.lock`), {
      holder: 'provisioner',
      warn: (sentence) => logger.warn({}, sentence),
    }),
  );
  const stateFile = join(stateDirectory, `${owner}.json`);
  const provisioner = new Provisioner({
    ...settings,
    logger,
    holder: holderName(stateDirectory, owner),
    joinDocument: joinDocumentFor(settings),
    memory: readMemory(stateFile, logger),
    remember: (memory) => writeMemory(stateFile, memory),
  });
  const status =
    listen === undefined ? null : starting.use(await serveStatus(parseBind(listen), provisioner));
  const stopping = new AbortController();
  const ended = provisioner.run(stopping.signal);
  const running = starting.move();
  return {
    address: `${owner}, for ${configuration.runner}${status === null ? '' : `, tells ${status.url}`}`,
    ended,
    async reload() {
      const next = running.use(await openSettings(file));
      const joinDocument = joinDocumentFor(next);
      provisioner.reconfigure({ ...next, joinDocument });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await ended;
      await running.disposeAsync();
    },
  };
}
