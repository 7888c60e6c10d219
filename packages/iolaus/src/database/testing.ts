import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openDatabase } from './connection/connection.ts';
import type { Database } from './connection/connection.ts';
import { startEmbeddedDatabase } from './postgres/embedded.ts';
import { prepareOwnSchema } from './schema/own-schema.ts';
import { prepareDatabase } from './schema/prepare.ts';

/** A database with Hydra's schema and nothing in it, for one test. */
export interface TestDatabase extends AsyncDisposable {
  readonly database: Database;
  readonly url: string;
}

/** The one server of a test process. */
type TestServer = AsyncDisposable & {
  /** Makes another database, by default with the schema, and returns its address. */
  create(kind: 'prepared' | 'empty'): Promise<string>;
  drop(url: string): Promise<void>;
};

let started: Promise<TestServer> | undefined;

// Whoever imports this is a test: when its last one is over, the server goes.
after(async () => {
  // The tests themselves failed of a server that did not start.
  const server = await started?.catch(() => undefined);
  await server?.[Symbol.asyncDispose]();
});

/** A clone of a template, so that the schema is made once for all tests of a file. */
export async function testDatabase(): Promise<TestDatabase> {
  return provide('prepared');
}

/** Without any schema. */
export async function emptyTestDatabase(): Promise<TestDatabase> {
  return provide('empty');
}

/** Resolves when a transaction waits for a lock that another one has. */
export async function untilSomebodyWaits(database: Database): Promise<void> {
  const waiting = 'select 1 from pg_locks where not granted';
  while ((await database.query(waiting)).length === 0);
}

async function provide(kind: 'prepared' | 'empty'): Promise<TestDatabase> {
  started ??= startTestServer();
  const server = await started;
  const url = await server.create(kind);
  const database = await openForTests(url);
  return {
    database,
    url,
    async [Symbol.asyncDispose](): Promise<void> {
      await database.close();
      await server.drop(url);
    },
  };
}

const openForTests = (url: string): Promise<Database> =>
  openDatabase({ url, maxConnections: 8, applicationName: 'test' });

async function startTestServer(): Promise<TestServer> {
  await using starting = new AsyncDisposableStack();
  // Directly below the folder for such: the path of a socket may not be long.
  const folder = starting.adopt(await mkdtemp(join(tmpdir(), 'pg-')), (path) =>
    rm(path, { recursive: true }),
  );
  // The server may run under another account, which must get through.
  await chmod(folder, 0o755);
  const embedded = starting.use(
    await startEmbeddedDatabase({
      directory: join(folder, 'data'),
      socketDirectory: join(folder, 's'),
      durable: false,
    }),
  );
  // Nobody may be connected to a template when it is cloned.
  const template = await openForTests(embedded.url);
  await prepareDatabase(template);
  await prepareOwnSchema(template);
  await template.close();
  const administration = starting.adopt(
    await openForTests(databaseUrl(embedded.url, 'postgres')),
    (database) => database.close(),
  );
  const running = starting.move();
  let made = 0;
  return {
    async create(kind) {
      made += 1;
      const name = `test_${made}`;
      const template = kind === 'prepared' ? databaseName(embedded.url) : 'template0';
      await administration.query(`create database ${name} template ${template} strategy file_copy`);
      return databaseUrl(embedded.url, name);
    },
    async drop(url) {
      await administration.query(`drop database ${databaseName(url)} with (force)`);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

const databaseName = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
const databaseUrl = (url: string, name: string): string => url.replace(/[^/]*$/, name);
