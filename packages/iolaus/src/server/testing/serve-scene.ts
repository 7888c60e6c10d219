import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../database/connection/connection.ts';
import { testDatabase } from '../../database/testing.ts';
import { createLogger } from '../../logging/logger.ts';
import type { Logger } from '../../logging/logger.ts';
import { startServer } from '../server.ts';
import type { RunningServer, ServerOptions } from '../server.ts';
import { createScene } from './scene.ts';
import type { Scene } from './scene.ts';

/** A server before a real database, a log directory and a store, all of them its own. */
export type ServedScene = AsyncDisposable & {
  readonly folder: string;
  readonly logDirectory: string;
  readonly storeDirectory: string;
  readonly database: Database;
  readonly scene: Scene;
  readonly server: RunningServer;
};

export async function serveScene(
  options: Partial<
    Pick<ServerOptions, 'pageDirectory' | 'runnerUrl' | 'runnerToken' | 'oidc' | 'logger'>
  > = {},
): Promise<ServedScene> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.adopt(await mkdtemp(join(tmpdir(), 'server-')), (path) =>
    rm(path, { recursive: true }),
  );
  const logDirectory = join(folder, 'build-logs');
  const storeDirectory = join(folder, 'store');
  await mkdir(logDirectory);
  await mkdir(storeDirectory);
  const { database } = starting.use(await testDatabase());
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
  const scene = createScene(database, logDirectory);
  const all = starting.move();
  return {
    folder,
    logDirectory,
    storeDirectory,
    database,
    scene,
    server,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

export const silentLogger = (): Logger =>
  createLogger({
    program: 'test',
    level: 'error',
    destination: { isTerminal: false, write: () => {} },
  });
