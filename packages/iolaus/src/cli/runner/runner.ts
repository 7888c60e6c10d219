import { userInfo } from 'node:os';
import { join } from 'node:path';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import { locateStore } from '../../builder/machine/store-location.ts';
import { openDatabase } from '../../database/connection/connection.ts';
import type { Database } from '../../database/connection/connection.ts';
import { prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { prepareDatabase, recogniseDatabase } from '../../database/schema/prepare.ts';
import { createLogger } from '../../logging/logger.ts';
import type { Logger } from '../../logging/logger.ts';
import type { RunnerConfiguration } from '../../runner/settings/configuration.ts';
import { startRunner } from '../../runner/runner.ts';
import type { Runner, RunnerOptions } from '../../runner/runner.ts';
import { keepHeapTight } from '../../runner/tight-heap.ts';
import type { Command } from '../command.ts';
import { logLevel } from './log-level.ts';
import { checkFolders } from './check-folders.ts';
import { becomeLeader, lockFolder } from './become-leader.ts';
import { runPart } from '../up/run-part.ts';
import type { PartVoice, RunningPart } from '../up/run-part.ts';
import { parseRunnerFlags, runnerHelp } from './runner-flags.ts';
import type { RunnerFlags } from './runner-flags.ts';
import {
  readRunnerSettings,
  refreshRunnerSettings,
  rereadRunnerSettings,
} from './runner-settings.ts';
import { isSupervised, tellSupervisor } from '../up/supervised.ts';

// Five times a second is enough for an eye, and nothing for the runner.
const progressMilliseconds = 200;
// The runner writes on one connection at a time, reads on another, and listens on a third.
const connectionsMin = 3;
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
    return runPart('runner', (voice) => start(flags, voice, logger));
  },
};

async function check(flags: RunnerFlags, logger: Logger): Promise<number> {
  await using checking = new AsyncDisposableStack();
  const { configuration } = readRunnerSettings(flags, logger);
  checkFolders(configuration);
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

async function start(flags: RunnerFlags, voice: PartVoice, logger: Logger): Promise<RunningPart> {
  const initial = readRunnerSettings(flags, logger);
  const { configuration } = initial;
  checkFolders(configuration);

  await using starting = new AsyncDisposableStack();
  if (!flags.standsBy) starting.use(await lockFolder(configuration, logger));
  const database = await connect(configuration, starting);
  await prepareDatabase(database);
  await prepareOwnSchema(database);
  const daemon = daemonAddressFromEnvironment(process.env);
  const { lead, kept } = await becomeLeader(
    { flags, configuration, database, daemon, voice, logger },
    starting,
  );
  let settings = flags.standsBy ? refreshRunnerSettings(flags, initial, logger) : initial;
  const runner = starting.use(
    await startRunner({
      configuration: settings.configuration,
      database,
      lead,
      kept,
      daemon,
      logger,
      roots: locateRoots(daemon, () => settings.configuration),
      grpcBind: flags.grpcBind,
      restBind: flags.restBind,
      tokens: () => settings.tokens,
      tls: settings.tls,
      joinKey: () => settings.joinKey,
      emergencyTokens: () => settings.emergencyTokens,
      followsQueue: flags.followsQueue,
    }),
  );
  starting.use(tellProgress(runner));
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
    [Symbol.asyncDispose]: () => endInTime(running, database, logger),
  };
}

function tellProgress(runner: Runner): Disposable {
  const timer = setInterval(() => {
    void tellSupervisor({ type: 'progress', progress: runner.progress() });
  }, progressMilliseconds);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function endInTime(
  running: AsyncDisposable,
  database: Database,
  logger: Logger,
): Promise<void> {
  const impatience = setTimeout(() => void database.close(), farewellMilliseconds);
  const despair = setTimeout(() => {
    logger.error({}, 'the database stands still; ending without it');
    process.exit(1);
  }, despairMilliseconds);
  await running[Symbol.asyncDispose]();
  clearTimeout(impatience);
  clearTimeout(despair);
}

/** A farm that somebody tries out keeps nothing for ever. */
function locateRoots(
  { storeDirectory }: DaemonAddress,
  configuration: () => RunnerConfiguration,
): NonNullable<RunnerOptions['roots']> {
  const { stateDirectory } = locateStore(process.env, storeDirectory);
  const usual = isSupervised ? null : usualRootsIn(stateDirectory);
  return { directory: () => configuration().rootsDir ?? usual, stateDirectory };
}

/** Hydra's default of `rootsDir`. */
function usualRootsIn(stateDirectory: string): string {
  const user = process.env['LOGNAME'] ?? userInfo().username;
  return join(stateDirectory, 'gcroots/per-user', user, 'hydra-roots');
}
