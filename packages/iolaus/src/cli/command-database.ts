import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../database/connection/connection.ts';
import type { Database } from '../database/connection/connection.ts';
import { databaseName, urlOf } from '../database/postgres/server.ts';
import { prepareDatabase } from '../database/schema/prepare.ts';
import { Fault } from '../fault/fault.ts';
import { defaultDataDirectory } from '../setup/data-folder.ts';

/**
 * Opens the database that a command works on, `url` or that of `HYDRA_DATABASE_URL`, else that of a farm which `iolaus up` has
 * running here, and makes sure that it is one of Hydra's.
 */
export async function openCommandDatabase(
  url: string | undefined,
): Promise<{ readonly database: Database } & AsyncDisposable> {
  const known = url ?? databaseOfEnvironment(process.env) ?? findLocalDatabase();
  if (known === undefined) {
    throw new Fault('bad-usage', 'iolaus does not know the database', {
      remedy:
        'Name it with --db-url or HYDRA_DATABASE_URL; that of `iolaus up` is known while it runs.',
    });
  }
  const options = { url: known, maxConnections: 2, applicationName: 'iolaus' };
  await using opening = new AsyncDisposableStack();
  const database = opening.adopt(await openDatabase(options), (opened) => opened.close());
  await prepareDatabase(database);
  const opened = opening.move();
  return { database, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** An empty variable is none, as with most programs. */
export function databaseOfEnvironment(environment: NodeJS.ProcessEnv): string | undefined {
  return environment['HYDRA_DATABASE_URL'] || undefined;
}

/** A farm's own PostgreSQL has its socket there while it runs. */
function findLocalDatabase(): string | undefined {
  const folder = join(defaultDataDirectory(process.env), 'run', 'postgresql');
  return existsSync(join(folder, '.s.PGSQL.5432')) ? urlOf(folder, databaseName) : undefined;
}
