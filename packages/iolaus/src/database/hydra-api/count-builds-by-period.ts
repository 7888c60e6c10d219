import type { Queryable } from '../connection/connection.ts';
import type { JobFilter } from './list-short-builds.ts';
import { visibleJobsets } from './visible.ts';

export const countBuildsByPeriodStatement = `
  select count(*)::int4 as "count"
  from builds b join ${visibleJobsets} j on j.id = b.jobset_id
  where b.finished = 1 and b.timestamp >= $7 and ($1::text is null or j.project = $1)
    and ($2::text is null or j.name = $2) and ($3::text is null or b.job = $3) and ($4::text is null or b.system = $4)
  group by b.timestamp - b.timestamp % $5::int order by b.timestamp - b.timestamp % $5::int desc limit $6`;

export type Periods = {
  readonly seconds: number;
  readonly limit: number;
  /** Builds queued earlier do not count. Seconds since the epoch. */
  readonly since: number;
};

/** Finished builds by the period in which they were queued, newest first. */
export async function countBuildsByPeriod(
  database: Queryable,
  { project, jobset, job, system }: JobFilter,
  { seconds, limit, since }: Periods,
): Promise<number[]> {
  const rows = await database.query<{ count: number }>(countBuildsByPeriodStatement, [
    project ?? null,
    jobset ?? null,
    job ?? null,
    system ?? null,
    seconds,
    limit,
    since,
  ]);
  return rows.map(({ count }) => count);
}
