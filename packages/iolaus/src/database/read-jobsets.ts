import type { JobsetId } from '../farm/identity.ts';
import type { Queryable } from './connection.ts';

/** What a jobset may use, and used in the last 24 hours. */
export type JobsetShare = {
  readonly id: JobsetId;
  readonly shares: number;
  readonly usedSeconds: number;
};

export const readJobsetsStatement = `
  select j.id, j.schedulingshares as "shares",
    coalesce((
      select sum(s.stoptime - s.starttime) from builds b join buildsteps s on s.build = b.id
      where b.jobset_id = j.id and s.starttime is not null and s.stoptime > extract(epoch from now())::bigint - 86400
    ), 0)::float8 as "usedSeconds"
  from jobsets j where j.id = any($1::int[])`;

export async function readJobsets(
  database: Queryable,
  jobsets: readonly JobsetId[],
): Promise<JobsetShare[]> {
  return database.query<JobsetShare>(readJobsetsStatement, [jobsets]);
}
