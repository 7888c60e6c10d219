import type { Queryable } from '../connection/connection.ts';

/** Where a build is. Times in seconds since the epoch; stale while it is not finished. */
export type WatchedBuildRow = {
  readonly id: number;
  readonly job: string;
  readonly finished: boolean;
  readonly status: number | null;
  readonly startTime: number | null;
  readonly stopTime: number | null;
};

export const readWatchedBuildsStatement = `
  select id, job, finished = 1 as "finished", buildstatus as "status", starttime as "startTime", stoptime as "stopTime"
  from builds where id = any($1::int[]) order by id`;

export async function readWatchedBuilds(
  database: Queryable,
  builds: readonly number[],
): Promise<WatchedBuildRow[]> {
  return database.query<WatchedBuildRow>(readWatchedBuildsStatement, [builds]);
}
