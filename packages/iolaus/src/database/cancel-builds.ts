import type { BuildId } from '../farm/identity.ts';
import type { Queryable } from './connection.ts';

/**
 * Cancels builds as Hydra's web pages do: finished with status 4. A trigger tells the runner (`builds_cancelled`). Builds
 * that are finished already stay as they are.
 */
export const cancelBuildsStatement = `
  update builds set finished = 1, buildstatus = 4, iscachedbuild = 0, starttime = $2::bigint, stoptime = $2::bigint
  where id = any($1::int[]) and finished = 0`;

export async function cancelBuilds(
  database: Queryable,
  builds: readonly BuildId[],
  now: number,
): Promise<void> {
  await database.query(cancelBuildsStatement, [builds, now]);
}
