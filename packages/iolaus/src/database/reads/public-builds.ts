import type { Queryable } from '../connection/connection.ts';
import { isPublic } from '../hydra-api/visible.ts';

export const publicBuildsStatement = `
  select b.id from builds b join jobsets j on j.id = b.jobset_id where b.id = any($1::int[]) and ${isPublic} order by b.id`;

/** Those of the builds of which everybody may know. */
export async function publicBuilds(
  database: Queryable,
  builds: readonly number[],
): Promise<number[]> {
  const rows = await database.query<{ id: number }>(publicBuildsStatement, [builds]);
  return rows.map(({ id }) => id);
}
