import type { JobsetId } from '../../farm/identity.ts';
import type { Queryable } from '../connection/connection.ts';

export const readListedJobsetsStatement = `
  select id from jobsets where id = any($1::int[]) and project || ':' || name = any($2::text[])`;

/** Those of some jobsets that stand in a list of names, each `project:jobset`. */
export async function readListedJobsets(
  database: Queryable,
  jobsets: readonly JobsetId[],
  names: readonly string[],
): Promise<ReadonlySet<JobsetId>> {
  const rows = await database.query<{ id: JobsetId }>(readListedJobsetsStatement, [jobsets, names]);
  return new Set(rows.map(({ id }) => id));
}
