import type { Queryable } from '../connection/connection.ts';

/** A job of the newest evaluation, and its build there. */
export type JobRow = {
  readonly project: string;
  readonly jobset: string;
  readonly job: string;
  readonly system: string;
  readonly build: number;
};

export const listJobsStatement = `
  select j.project, j.name as "jobset", b.job, b.system, b.id as "build"
  from jobsets j join builds b on b.jobset_id = j.id and b.iscurrent = 1
  where j.project = $1 and j.name = $2 and ($3::text is null or strpos(lower(b.job), lower($3)) > 0)
    and ($4::text is null or (b.job, b.system, b.id) > ($4, $5, $6::bigint))
  order by b.job, b.system, b.id limit $7`;

/** By job and system, those after `after`. */
export const listJobs = (
  database: Queryable,
  filter: {
    readonly project: string;
    readonly jobset: string;
    readonly search: string | null;
    readonly after: readonly [job: string, system: string, build: number] | null;
    readonly limit: number;
  },
): Promise<JobRow[]> =>
  database.query(listJobsStatement, [
    filter.project,
    filter.jobset,
    filter.search,
    ...(filter.after ?? [null, null, null]),
    filter.limit,
  ]);
