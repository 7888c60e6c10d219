import { join } from 'node:path';
import { daemonAddressFromEnvironment } from '@iolaus/nix';
import { z } from 'zod';
import { readSigningKeys } from '../cache/signing-keys.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { locateSecret, readSecretFile } from '../configuration/secret.ts';
import { openDatabase } from '../database/connection/connection.ts';
import type { Database } from '../database/connection/connection.ts';
import { mayMakeSchemas, prepareOwnSchema } from '../database/schema/own-schema.ts';
import { makeOwnIndexesIfSmall } from '../database/schema/own-indexes.ts';
import { prepareDatabase } from '../database/schema/prepare.ts';
import { describeError, Fault } from '../fault/fault.ts';
import { createLogger } from '../logging/logger.ts';
import type { Logger } from '../logging/logger.ts';
import { openStoreCache } from '../server/hydra-api/store-cache.ts';
import { providersSchema, readProviders } from '../server/oidc/settings.ts';
import { startServer } from '../server/server.ts';
import type { RunningServer, ServerOptions } from '../server/server.ts';
import { defaultDataDirectory } from '../setup/data-folder.ts';
import { findFreePort } from '../setup/free-port.ts';
import { databaseOfEnvironment } from './command-database.ts';
import { parseParameters, parsePort, refusePositionals } from './command.ts';
import type { Command } from './command.ts';
import { runPart } from './up/run-part.ts';
import type { RunningPart } from './up/run-part.ts';

const help = `iolaus server: the page, and the JSON behind it

  --port N             (default: 3000)
  --or-another-port    if somebody else has that port, any free one
  --host ADDRESS       for whom (default: localhost only)
  --data-dir DIR       where the runner's folder build-logs is (default: $XDG_STATE_HOME/iolaus)
  --runner-url URL     the runner's status, for the machines: http://host:port or unix:///path
  --sign-with FILE     a secret key of Nix's; what is fetched from the server is signed with it (any number)
  --db-url URL         the database (also: HYDRA_DATABASE_URL)
  -c, --config FILE    TOML with the keys host, port, dataDir, runnerUrl, dbUrl and signWith; the command line comes first.
                       Only there (docs/operating.md): runnerTokenFile, for a runner that wants a token before it changes
                       something; baseUri, where people reach the server; tables [oidc.NAME], who else than a password
                       says who somebody is

It changes nothing but what people with a token ask of API v2. Products of builds are read from the store: NIX_STORE_DIR, or
/nix/store. Others can build with what the store has: the server is a binary cache.`;

// The page asks for a few things at once, and events need a connection of their own.
const connectionsMax = 6;

const serverConfigurationSchema = z.strictObject({
  host: z.string().min(1).default('localhost'),
  port: z.number().int().min(0).max(65_535).default(3_000),
  dataDir: z.string().min(1).optional(),
  dbUrl: z.string().min(1).optional(),
  runnerUrl: z.url().optional(),
  runnerTokenFile: z.string().min(1).optional(),
  signWith: z.array(z.string().min(1)).default([]),
  baseUri: z.url().optional(),
  oidc: providersSchema.default({}),
});

export const serverCommand: Command = {
  help,
  run: (parameters) => runPart('server', () => start(parameters)),
};

async function start(parameters: readonly string[]): Promise<RunningPart> {
  const { values, positionals } = parseParameters('server', parameters, {
    port: { type: 'string' },
    'or-another-port': { type: 'boolean', default: false },
    host: { type: 'string' },
    'data-dir': { type: 'string' },
    'db-url': { type: 'string' },
    'runner-url': { type: 'string' },
    'sign-with': { type: 'string', multiple: true },
    config: { type: 'string', short: 'c' },
  });
  refusePositionals('server', positionals);
  const configured =
    values.config === undefined
      ? serverConfigurationSchema.parse({})
      : readConfiguration(values.config, serverConfigurationSchema);
  const port = values.port === undefined ? configured.port : parsePort('--port', values.port);
  const url = values['db-url'] ?? databaseOfEnvironment(process.env) ?? configured.dbUrl;
  if (url === undefined) {
    throw new Fault('bad-usage', 'iolaus server does not know its database', {
      remedy: 'Name it with --db-url, HYDRA_DATABASE_URL or the key dbUrl.',
    });
  }
  const runnerUrl = values['runner-url'] ?? configured.runnerUrl;
  const data = values['data-dir'] ?? configured.dataDir ?? defaultDataDirectory(process.env);

  await using starting = new AsyncDisposableStack();
  const database = starting.adopt(
    await openDatabase({
      url,
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
  const keys = readSigningKeys(values['sign-with'] ?? configured.signWith);
  const storeCache = starting.use(openStoreCache(daemon, keys));
  const server = starting.use(
    await listen(
      {
        database,
        host: values.host ?? configured.host,
        port,
        logDirectory: join(data, 'build-logs'),
        storeDirectory: daemon.storeDirectory,
        storeCache,
        oidc: readProviders(configured.oidc, process.env),
        baseUri: configured.baseUri,
        runnerToken: readRunnerToken(configured.runnerTokenFile),
        logger,
        ...(runnerUrl === undefined ? {} : { runnerUrl }),
      },
      values['or-another-port'],
    ),
  );
  // Nobody waits for it.
  const indexing = makeListsFast(database, logger);
  starting.defer(() => indexing);
  const running = starting.move();
  return { address: server.url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

const readRunnerToken = (file: string | undefined): string | undefined =>
  file === undefined
    ? undefined
    : readSecretFile(
        locateSecret(file, process.env),
        "the runner's token",
        'It is named by runnerTokenFile.',
      );

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
