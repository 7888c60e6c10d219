import type { Queryable } from '../connection/connection.ts';

/**
 * Cancels builds as Hydra's web pages do: finished with status 4. A trigger tells the runner (`builds_cancelled`). Builds
 * that are finished already stay as they are. Returns those that were not.
 */
export const cancelBuildsStatement = `
  update builds set finished = 1, buildstatus = 4, iscachedbuild = 0, starttime = $2::bigint, stoptime = $2::bigint
  where id = any($1::int[]) and finished = 0 returning id`;

export async function cancelBuilds(
  database: Queryable,
  builds: readonly number[],
  now: number,
): Promise<number[]> {
  const rows = await database.query<{ id: number }>(cancelBuildsStatement, [builds, now]);
  return rows.map(({ id }) => id);
}
