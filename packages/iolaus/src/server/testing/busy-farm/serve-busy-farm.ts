import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../../database/connection/connection.ts';
import type { Database } from '../../../database/connection/connection.ts';
import { startEmbeddedDatabase } from '../../../database/postgres/embedded.ts';
import { prepareOwnSchema } from '../../../database/schema/own-schema.ts';
import { prepareDatabase } from '../../../database/schema/prepare.ts';
import { createLogger } from '../../../logging/logger.ts';
import { startServer } from '../../server.ts';
import { createScene } from '../scene.ts';
import { serveBusyRunner } from './busy-farm.ts';
import { playHistory } from './history.ts';
import { playPast } from './past.ts';

export type BusyFarm = AsyncDisposable & {
  readonly url: string;
  readonly database: Database;
  /** A build that failed, and the evaluation that it is of. */
  readonly history: { readonly evaluation: number; readonly build: number };
};

/** A server of a made-up farm with so many steps to do, outside of tests: with a database of its own. */
export async function serveBusyFarm(steps: number, pageDirectory: string): Promise<BusyFarm> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.adopt(await mkdtemp(join(tmpdir(), 'busy-farm-')), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  // The database may run under another account, which must get through.
  await chmod(folder, 0o755);
  const directories = { log: join(folder, 'build-logs'), store: join(folder, 'store') };
  await Promise.all(Object.values(directories).map((path) => mkdir(path)));
  const embedded = starting.adopt(
    await startEmbeddedDatabase({
      directory: join(folder, 'postgresql'),
      socketDirectory: join(folder, 'p'),
    }),
    (server) => server.stop(),
  );
  const database = starting.adopt(
    await openDatabase({ url: embedded.url, maxConnections: 4, applicationName: 'busy farm' }),
    (opened) => opened.close(),
  );
  await prepareDatabase(database);
  await prepareOwnSchema(database);
  const scene = createScene(database, directories.log);
  await playPast(database, scene);
  const history = await playHistory(database, scene, directories.store);
  const runner = starting.use(await serveBusyRunner(steps));
  const server = starting.use(
    await startServer({
      database,
      pageDirectory,
      host: '127.0.0.1',
      port: 0,
      runnerUrl: runner.url,
      logDirectory: directories.log,
      storeDirectory: directories.store,
      logger: createLogger({ program: 'busy farm', level: 'error' }),
    }),
  );
  const all = starting.move();
  return { url: server.url, database, history, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
