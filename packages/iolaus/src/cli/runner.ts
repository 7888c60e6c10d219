import { mkdirSync } from 'node:fs';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import { readConfiguration } from '../configuration/configuration.ts';
import { openDatabase } from '../database/connection.ts';
import { takeLead } from '../database/lead.ts';
import type { Lead } from '../database/lead.ts';
import { prepareOwnSchema } from '../database/own-schema.ts';
import { prepareDatabase } from '../database/prepare.ts';
import { createLogger } from '../logging/logger.ts';
import { parseBind } from '../protocol/bind.ts';
import { runnerConfigurationSchema } from '../runner/configuration.ts';
import { startRunner } from '../runner/runner.ts';
import { readTokens } from '../runner/tokens.ts';
import { parseParameters, refusePositionals } from './command.ts';
import type { Command } from './command.ts';
import { runPart } from './run-part.ts';
import type { RunningPart } from './run-part.ts';
import { tellSupervisor } from './supervised.ts';

const help = `iolaus runner: takes what is queued, has it built by builders, records what came of it

  -c, --config FILE        TOML; the keys are those of Hydra's queue runner: hydraDataDir, dbUrl, maxDbConnections,
                           maxRetries, retryInterval, retryBackoff, maxUnsupportedTimeInS, maxSilentTime, buildTimeout,
                           maxLogSize, maxOutputSize, maxConcurrentDownloads, tokenPaths, queueTriggerTimerInS, ...
  -g, --grpc-bind ADDRESS  where builders dial: host:port or the path of a Unix socket (default: [::1]:50051)
  -r, --rest-bind ADDRESS  where status and metrics are, likewise (default: [::1]:8080)
  --data-dir DIR           instead of hydraDataDir: the logs are in its folder build-logs
  --db-url URL             instead of dbUrl (also: HYDRA_DATABASE_URL)
  --standby                wait while another runner works on the database, and take over when it has ended

The Nix daemon is found as Nix finds it: NIX_REMOTE=unix://PATH, NIX_DAEMON_SOCKET_PATH, NIX_STORE_DIR, NIX_STATE_DIR.`;

// Five times a second is enough for an eye, and nothing for the runner.
const progressMilliseconds = 200;
// The runner writes on one connection at a time, reads on another, and listens on a third.
const connectionsMin = 3;

// A runner that was killed has left the database by then, one that was told to stop as well.
const successionMilliseconds = 15_000;

export const runnerCommand: Command = {
  help,
  run: (parameters) => runPart('runner', () => start(parameters)),
};

async function start(parameters: readonly string[]): Promise<RunningPart> {
  const { values, positionals } = parseParameters('runner', parameters, {
    config: { type: 'string', short: 'c' },
    'grpc-bind': { type: 'string', short: 'g', default: '[::1]:50051' },
    'rest-bind': { type: 'string', short: 'r', default: '[::1]:8080' },
    'data-dir': { type: 'string' },
    'db-url': { type: 'string' },
    standby: { type: 'boolean' },
  });
  refusePositionals('runner', positionals);
  const configured =
    values.config === undefined
      ? runnerConfigurationSchema.parse({})
      : readConfiguration(values.config, runnerConfigurationSchema);
  const configuration = {
    ...configured,
    hydraDataDir: values['data-dir'] ?? configured.hydraDataDir,
    dbUrl: values['db-url'] ?? process.env['HYDRA_DATABASE_URL'] ?? configured.dbUrl,
  };
  const logger = createLogger({ program: 'runner', level: 'info' });
  const tokens = readTokens(configuration.tokenPaths);
  mkdirSync(configuration.hydraDataDir, { recursive: true });

  await using starting = new AsyncDisposableStack();
  const database = starting.adopt(
    await openDatabase({
      url: configuration.dbUrl,
      maxConnections: Math.max(configuration.maxDbConnections, connectionsMin),
      applicationName: 'hydra-queue-runner',
    }),
    (opened) => opened.close(),
  );
  await prepareDatabase(database);
  await prepareOwnSchema(database);
  const lead = starting.use(await lookForLead(configuration.dbUrl, values.standby === true));
  const runner = starting.use(
    await startRunner({
      configuration,
      database,
      lead,
      daemon: daemonAddressFromEnvironment(process.env),
      grpcBind: parseBind(values['grpc-bind']),
      restBind: parseBind(values['rest-bind']),
      tokens,
      logger,
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
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Of several runners on one database one leads; one that stands by waits until it has ended. */
async function lookForLead(url: string, standsBy: boolean): Promise<Lead> {
  // Nothing has been begun that would have to be ended.
  const leave = (): void => process.exit(0);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, leave);
  try {
    return await takeLead(
      { url, applicationName: 'hydra-queue-runner' },
      {
        patienceMilliseconds: standsBy ? Infinity : successionMilliseconds,
        onStandby: () => {
          if (standsBy) console.error('iolaus runner: standing by');
        },
      },
    );
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, leave);
  }
}
