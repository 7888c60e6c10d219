import { join } from 'node:path';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import { openDatabase } from '../../database/connection/connection.ts';
import type { Database } from '../../database/connection/connection.ts';
import { mayMakeSchemas, prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { makeOwnIndexesIfSmall } from '../../database/schema/own-indexes.ts';
import { prepareDatabase } from '../../database/schema/prepare.ts';
import { describeError, Fault } from '../../fault/fault.ts';
import { createLogger } from '../../logging/logger.ts';
import type { Logger } from '../../logging/logger.ts';
import { openStoreCache } from '../../server/hydra-api/store-cache.ts';
import { startServer } from '../../server/server.ts';
import type { RunningServer, ServerOptions } from '../../server/server.ts';
import { findFreePort } from '../../setup/free-port.ts';
import type { Command } from '../command.ts';
import { readServerSettings, serverHelp } from './server-settings.ts';
import { runPart } from '../up/run-part.ts';
import type { RunningPart } from '../up/run-part.ts';

// The page asks for a few things at once, and events need a connection of their own.
const connectionsMax = 6;

export const serverCommand: Command = {
  help: serverHelp,
  run: (parameters) => runPart('server', () => start(parameters)),
};

async function start(parameters: readonly string[]): Promise<RunningPart> {
  const settings = readServerSettings(parameters);
  const { databaseUrl, dataDirectory, host, port, orAnotherPort, runnerUrl } = settings;
  await using starting = new AsyncDisposableStack();
  const database = starting.adopt(
    await openDatabase({
      url: databaseUrl,
      maxConnections: connectionsMax,
      applicationName: 'hydra-server',
      plansForValues: true,
    }),
    (opened) => opened.close(),
  );
  const logger = createLogger({ program: 'server', level: 'info' });
  await prepareDatabase(database);
  if (await mayMakeSchemas(database)) await prepareOwnSchema(database);
  const daemon = daemonAddressFromEnvironment(process.env);
  const options: ServerOptions = {
    database,
    host,
    port,
    logDirectory: join(dataDirectory, 'build-logs'),
    storeDirectory: daemon.storeDirectory,
    storeCache: starting.use(openStoreCache(daemon, settings.signingKeys)),
    oidc: settings.oidc,
    baseUri: settings.baseUri,
    runnerToken: settings.runnerToken,
    logger,
    ...(runnerUrl === undefined ? {} : { runnerUrl }),
  };
  const server = starting.use(await listen(options, orAnotherPort));
  // Nobody waits for it.
  const indexing = makeListsFast(database, logger);
  starting.defer(() => indexing);
  const running = starting.move();
  return { address: server.url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function listen(options: ServerOptions, orAnother: boolean): Promise<RunningServer> {
  try {
    return await startServer(options);
  } catch (error) {
    if (!orAnother || !(error instanceof Fault) || error.code !== 'port-in-use') throw error;
    options.logger.warn({ port: options.port }, 'the port is in use; taking another');
    return startServer({ ...options, port: await findFreePort(options.host, options.port) });
  }
}

async function makeListsFast(database: Database, logger: Logger): Promise<void> {
  try {
    if (await makeOwnIndexesIfSmall(database)) return;
    logger.warn({}, 'lists are slow: `iolaus database indexes` makes what they are answered from');
  } catch (error) {
    logger.debug({ error: describeError(error) }, 'indexes were not made');
  }
}
