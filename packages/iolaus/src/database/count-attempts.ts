import type { Queryable } from './connection.ts';

/** Attempts that builders began at or after a time (seconds since the epoch). */
export const countAttemptsStatement = `
  select count(*)::int4 as "count" from buildsteps where type = 0 and starttime >= $1::bigint and status is distinct from 13`;

export async function countAttempts(database: Queryable, since: number): Promise<number> {
  const rows = await database.query<{ count: number }>(countAttemptsStatement, [since]);
  return rows[0]?.count ?? 0;
}
