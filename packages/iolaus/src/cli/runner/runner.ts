import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import { locateStore } from '../../builder/machine/store-location.ts';
import { openDatabase } from '../../database/connection/connection.ts';
import type { Database } from '../../database/connection/connection.ts';
import { prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { prepareDatabase, recogniseDatabase } from '../../database/schema/prepare.ts';
import { createLogger } from '../../logging/logger.ts';
import type { Logger } from '../../logging/logger.ts';
import type { RunnerConfiguration } from '../../runner/settings/configuration.ts';
import { startRunner } from '../../runner/runner.ts';
import { keepHeapTight } from '../../runner/tight-heap.ts';
import { takeInstanceLock } from '../../supervision/instance-lock.ts';
import type { Command } from '../command.ts';
import { logLevel } from './log-level.ts';
import { lookForLead } from './look-for-lead.ts';
import { runPart } from '../up/run-part.ts';
import type { RunningPart } from '../up/run-part.ts';
import { parseRunnerFlags, runnerHelp } from './runner-flags.ts';
import type { RunnerFlags } from './runner-flags.ts';
import { readRunnerSettings, rereadRunnerSettings } from './runner-settings.ts';
import { isSupervised, tellSupervisor } from '../up/supervised.ts';

// Five times a second is enough for an eye, and nothing for the runner.
const progressMilliseconds = 200;
// The runner writes on one connection at a time, reads on another, and listens on a third.
const connectionsMin = 3;
// The one that led, and does so no more, is gone by then.
const successionSeconds = 10;
// A database that does not answer by then is not waited for: what it does not hear of is found anew at the next start.
const farewellMilliseconds = 4_000;
// One that took the request and says nothing more could hold us for ever.
const despairMilliseconds = 5_500;

export const runnerCommand: Command = {
  help: runnerHelp,
  run: async (parameters) => {
    const logger = createLogger({ program: 'runner', level: logLevel(process.env) });
    const flags = parseRunnerFlags(parameters, process.env);
    if (flags.checksOnly) return check(flags, logger);
    keepHeapTight();
    return runPart('runner', () => start(flags, logger));
  },
};

async function check(flags: RunnerFlags, logger: Logger): Promise<number> {
  await using checking = new AsyncDisposableStack();
  const { configuration } = readRunnerSettings(flags, logger);
  await recogniseDatabase(await connect(configuration, checking));
  console.error('The configuration will do, and so will the database.');
  return 0;
}

async function connect(
  { dbUrl, maxDbConnections }: RunnerConfiguration,
  resources: AsyncDisposableStack,
): Promise<Database> {
  return resources.adopt(
    await openDatabase({
      url: dbUrl,
      maxConnections: Math.max(maxDbConnections, connectionsMin),
      applicationName: 'hydra-queue-runner',
    }),
    (opened) => opened.close(),
  );
}

async function start(flags: RunnerFlags, logger: Logger): Promise<RunningPart> {
  let settings = readRunnerSettings(flags, logger);
  const { configuration } = settings;
  mkdirSync(configuration.hydraDataDir, { recursive: true });

  await using starting = new AsyncDisposableStack();
  const lock = (waitSeconds: number): Disposable =>
    takeInstanceLock(join(configuration.hydraDataDir, 'queue-runner/lock'), {
      waitSeconds,
      warn: (sentence) => logger.warn({}, sentence),
    });
  // Who stands by may share the folder with the one that leads.
  if (!flags.standsBy) starting.use(lock(0));
  const database = await connect(configuration, starting);
  await prepareDatabase(database);
  await prepareOwnSchema(database);
  const lead = starting.use(await lookForLead(configuration.dbUrl, flags.standsBy));
  if (flags.standsBy) starting.use(lock(successionSeconds));
  const daemon = daemonAddressFromEnvironment(process.env);
  const { stateDirectory } = locateStore(process.env, daemon.storeDirectory);
  // A farm that somebody tries out keeps nothing for ever.
  const usualRoots = isSupervised ? null : usualRootsIn(stateDirectory);
  const runner = starting.use(
    await startRunner({
      ...{ configuration, database, lead, logger },
      daemon,
      roots: {
        directory: () => settings.configuration.rootsDir ?? usualRoots,
        stateDirectory,
      },
      grpcBind: flags.grpcBind,
      restBind: flags.restBind,
      tokens: () => settings.tokens,
      tls: settings.tls,
      joinKey: () => settings.joinKey,
      emergencyTokens: () => settings.emergencyTokens,
      followsQueue: flags.followsQueue,
    }),
  );
  const timer = setInterval(() => {
    void tellSupervisor({ type: 'progress', progress: runner.progress() });
  }, progressMilliseconds);
  starting.defer(() => clearInterval(timer));
  const running = starting.move();
  return {
    address: runner.endpoint,
    ended: lead.lost,
    async reload() {
      const next = rereadRunnerSettings(flags, settings, logger);
      if (next.tls !== null) runner.renewCertificates(next.tls);
      settings = next;
      await runner.reconfigure(settings.configuration);
    },
    async [Symbol.asyncDispose]() {
      const impatience = setTimeout(() => void database.close(), farewellMilliseconds);
      const despair = setTimeout(() => {
        logger.error({}, 'the database stands still; ending without it');
        process.exit(1);
      }, despairMilliseconds);
      await running.disposeAsync();
      clearTimeout(impatience);
      clearTimeout(despair);
    },
  };
}

/** Hydra's default of `rootsDir`. */
function usualRootsIn(stateDirectory: string): string {
  const user = process.env['LOGNAME'] ?? userInfo().username;
  return join(stateDirectory, 'gcroots/per-user', user, 'hydra-roots');
}
