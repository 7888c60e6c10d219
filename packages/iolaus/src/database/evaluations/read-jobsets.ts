import type { JobsetId } from '../../farm/identity.ts';
import type { Queryable } from '../connection/connection.ts';

/** What a jobset may use, and used in the last 24 hours. */
export type JobsetShare = {
  readonly id: JobsetId;
  readonly shares: number;
  readonly usedSeconds: number;
};

export const readJobsetsStatement = `
  select j.id, j.schedulingshares as "shares", coalesce(used.seconds, 0)::float8 as "usedSeconds"
  from jobsets j left join (
    select b.jobset_id, sum(greatest(s.stoptime - s.starttime, 0)) as seconds
    from buildsteps s join builds b on b.id = s.build
    where s.starttime is not null and s.stoptime > extract(epoch from now())::bigint - 86400
      and b.jobset_id = any($1::int[])
    group by b.jobset_id
  ) used on used.jobset_id = j.id
  where j.id = any($1::int[])`;

export async function readJobsets(
  database: Queryable,
  jobsets: readonly JobsetId[],
): Promise<JobsetShare[]> {
  return database.query<JobsetShare>(readJobsetsStatement, [jobsets]);
}
