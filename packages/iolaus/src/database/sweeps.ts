import { advisoryLocks } from './advisory-locks.ts';
import type { Database, Queryable } from './connection/connection.ts';

export const awaitPortionStatement = `select pg_advisory_xact_lock_shared($1::bigint)`;
export const readPortionsStatement = `select coalesce(max(portions), 0) as portions from iolaus.sweeps`;

/** Resolves when every portion of garbage is swept that was begun before, with how many there have been. */
export function portionsSwept(database: Database): Promise<number> {
  return database.transaction(async (transaction) => {
    await transaction.query(awaitPortionStatement, [advisoryLocks.sweep]);
    // A statement of its own: each sees what was committed before it began.
    const [row] = await transaction.query<{ portions: number }>(readPortionsStatement);
    return row?.portions ?? 0;
  });
}

export const lockPortionStatement = `select pg_advisory_xact_lock($1::bigint)`;
export const countPortionStatement = `
  insert into iolaus.sweeps (one, portions) values (true, 1)
  on conflict (one) do update set portions = iolaus.sweeps.portions + 1`;

/**
 * Does what removes a portion of garbage, while whoever begins to use the caches waits. It is counted first, also if it
 * breaks off. `work` may be done twice, if the connection is lost.
 */
export async function whileNobodyBegins(
  database: Database,
  work: () => Promise<void>,
): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query(lockPortionStatement, [advisoryLocks.sweep]);
    // Committed at once: a sweeper that is killed has removed something all the same.
    await database.query(countPortionStatement);
    await work();
  });
}

/** What somebody was about to use two days ago has a narinfo by now, or is asked for again. */
export const saveSparedStatement = `
  with past as (delete from iolaus.spared where at < now() - interval '2 days' and key != all($1::text[]))
  insert into iolaus.spared (key) select distinct * from unnest($1::text[])
  on conflict (key) do update set at = now()`;

/** Objects, by their keys, that are to stay in every cache though nothing leads to them yet. */
export async function saveSpared(database: Queryable, keys: readonly string[]): Promise<void> {
  await database.query(saveSparedStatement, [keys]);
}

export const readSparedStatement = `select key from iolaus.spared`;

export async function readSpared(database: Queryable): Promise<string[]> {
  const rows = await database.query<{ key: string }>(readSparedStatement);
  return rows.map(({ key }) => key);
}
