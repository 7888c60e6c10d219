import type { BuildId } from '../../farm/identity.ts';
import type { Queryable } from '../connection/connection.ts';

/**
 * Attempts that builders began after a time (seconds since the epoch). Within that very second only those for the given
 * builds count: others may be an earlier run's.
 */
export const countAttemptsStatement = `
  select count(*)::int4 as "count" from buildsteps
  where type = 0 and status is distinct from 13
    and (starttime > $1::bigint or starttime = $1::bigint and build = any($2::int[]))`;

export async function countAttempts(
  database: Queryable,
  since: number,
  builds: readonly BuildId[],
): Promise<number> {
  const rows = await database.query<{ count: number }>(countAttemptsStatement, [since, builds]);
  return rows[0]?.count ?? 0;
}
