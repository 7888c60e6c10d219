import type { Queryable } from '../connection/connection.ts';

/**
 * As Hydra's pages restart builds: queued again, failures of their outputs and of their steps' outputs forgotten, and how many
 * builds of their evaluations succeeded, too. A trigger tells the runner (`builds_restarted`).
 */
export const restartBuildsStatement = `
  with restarted as (
    update builds set finished = 0, iscachedbuild = 0 where id = any($1::int[]) and finished = 1 returning id
  ), forgotten as (
    delete from failedpaths where path in (
      select o.path from buildoutputs o join restarted r on r.id = o.build
      union select o.path from buildstepoutputs o join restarted r on r.id = o.build)
  ), uncounted as (
    update jobsetevals set nrsucceeded = null
    where id in (select m.eval from jobsetevalmembers m join restarted r on r.id = m.build)
  )
  select id from restarted`;

/** Returns those that were finished. */
export async function restartBuilds(
  database: Queryable,
  builds: readonly number[],
): Promise<number[]> {
  const rows = await database.query<{ id: number }>(restartBuildsStatement, [builds]);
  return rows.map(({ id }) => id);
}
