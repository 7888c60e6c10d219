import { openDatabase } from '../database/connection/connection.ts';
import type { Database } from '../database/connection/connection.ts';
import { prepareDatabase } from '../database/schema/prepare.ts';
import { Fault } from '../fault/fault.ts';

/** Opens the database that a command works on, `url` or that of `HYDRA_DATABASE_URL`, and makes sure that it is one of Hydra's. */
export async function openCommandDatabase(
  url: string | undefined,
): Promise<{ readonly database: Database } & AsyncDisposable> {
  const known = url ?? process.env['HYDRA_DATABASE_URL'];
  if (known === undefined) {
    throw new Fault('bad-usage', 'iolaus does not know the database', {
      remedy: 'Name it with --db-url or HYDRA_DATABASE_URL.',
    });
  }
  const options = { url: known, maxConnections: 2, applicationName: 'iolaus' };
  await using opening = new AsyncDisposableStack();
  const database = opening.adopt(await openDatabase(options), (opened) => opened.close());
  await prepareDatabase(database);
  const opened = opening.move();
  return { database, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
