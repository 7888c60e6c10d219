import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../database/connection.ts';
import type { Database } from '../../database/connection.ts';
import { startEmbeddedDatabase } from '../../database/embedded.ts';
import type { EmbeddedDatabase } from '../../database/embedded.ts';
import { prepareDatabase } from '../../database/prepare.ts';
import { createLogger } from '../../logging/logger.ts';
import type { Logger } from '../../logging/logger.ts';
import { startServer } from '../server.ts';
import type { RunningServer } from '../server.ts';
import { createScene } from './scene.ts';
import type { Scene } from './scene.ts';

/** A server before a real database, a log directory and a store, all of them its own. */
export type ServedScene = AsyncDisposable & {
  readonly folder: string;
  readonly logDirectory: string;
  readonly storeDirectory: string;
  readonly embedded: EmbeddedDatabase;
  readonly database: Database;
  readonly scene: Scene;
  readonly server: RunningServer;
};

export async function serveScene(
  options: { readonly runnerUrl?: string; readonly pageDirectory?: string } = {},
): Promise<ServedScene> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.adopt(await mkdtemp(join(tmpdir(), 'server-')), (path) =>
    rm(path, { recursive: true }),
  );
  // The database may run under another account, which must get through.
  await chmod(folder, 0o755);
  const logDirectory = join(folder, 'build-logs');
  const storeDirectory = join(folder, 'store');
  await mkdir(logDirectory);
  await mkdir(storeDirectory);
  const embedded = starting.use(
    await startEmbeddedDatabase({
      directory: join(folder, 'postgresql'),
      socketDirectory: join(folder, 'socket'),
      durable: false,
    }),
  );
  const database = starting.adopt(
    await openDatabase({ url: embedded.url, maxConnections: 8, applicationName: 'test' }),
    (opened) => opened.close(),
  );
  await prepareDatabase(database);
  const server = starting.use(
    await startServer({
      database,
      logDirectory,
      storeDirectory,
      host: '127.0.0.1',
      port: 0,
      logger: silentLogger(),
      ...options,
    }),
  );
  const all = starting.move();
  return {
    ...{ folder, logDirectory, storeDirectory, embedded, database, server },
    scene: createScene(database, logDirectory),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

export const silentLogger = (): Logger =>
  createLogger({
    program: 'test',
    level: 'error',
    destination: { isTerminal: false, write: () => {} },
  });
