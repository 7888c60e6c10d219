import { join } from 'node:path';
import { openDatabase } from '../database/connection/connection.ts';
import type { Database } from '../database/connection/connection.ts';
import { startEmbeddedDatabase } from '../database/postgres/embedded.ts';

export type FarmDatabase = AsyncDisposable & { readonly database: Database; readonly url: string };

/** The database of a farm that has ended, to see what it wrote. */
export async function openFarmDatabase(state: string): Promise<FarmDatabase> {
  return openOwnDatabase(join(state, 'postgresql'), join(state, 'run/postgresql'));
}

/** A server of its own, with whatever is in `directory`. */
export async function openOwnDatabase(
  directory: string,
  socketDirectory: string,
): Promise<FarmDatabase> {
  await using starting = new AsyncDisposableStack();
  const server = starting.use(
    await startEmbeddedDatabase({ directory, socketDirectory, durable: false }),
  );
  const database = starting.adopt(
    await openDatabase({ url: server.url, maxConnections: 2, applicationName: 'test' }),
    (opened) => opened.close(),
  );
  const running = starting.move();
  return { database, url: server.url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
