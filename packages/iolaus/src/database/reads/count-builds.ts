import type { Queryable } from '../connection/connection.ts';
import { visibleJobsets } from '../hydra-api/visible.ts';

export type BuildCounts = {
  readonly queued: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
};

const ofPublicJobset = (build: string): string =>
  `${build}.jobset_id in (select id from ${visibleJobsets} j)`;

export const countBuildsStatement = `
  select unfinished.count - running.count as "queued", running.count as "running", finished.succeeded as "succeeded",
    finished.failed as "failed"
  from
    (select count(*)::int4 as count from builds where finished = 0 and ${ofPublicJobset('builds')}) unfinished,
    (select count(distinct b.id)::int4 as count
     from buildsteps s join builds b on b.id = s.build where s.busy != 0 and b.finished = 0 and ${ofPublicJobset('b')}) running,
    (select (count(*) filter (where buildstatus = 0))::int4 as succeeded,
       (count(*) filter (where buildstatus <> 0))::int4 as failed
     from builds where finished = 1 and ${ofPublicJobset('builds')}) finished`;

/** Of what everybody may know; exact, and so in proportion to all builds: not to be asked at every turn. */
export async function countBuilds(database: Queryable): Promise<BuildCounts> {
  const [counts] = await database.query<BuildCounts>(countBuildsStatement);
  return counts ?? { queued: 0, running: 0, succeeded: 0, failed: 0 };
}
