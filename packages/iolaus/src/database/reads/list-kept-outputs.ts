import type { Queryable } from '../connection/connection.ts';

/**
 * Hydra's rules of what is kept. Of each jobset: what its unfinished evaluations and its `keepnr` newest finished ones have,
 * and the newest success of every job in them; builds that somebody keeps; unfinished ones. A jobset that was hidden and
 * disabled keeps nothing after a week. Beside those: what is still to be published, and what unfinished builds have made so
 * far.
 */
export const listKeptOutputsStatement = `
  with living as (
    select j.id, j.keepnr from jobsets j join projects p on p.name = j.project
    where j.enabled <> 0 or (p.hidden = 0 and j.hidden = 0) or coalesce(j.lastcheckedtime, 0) >= $1::bigint - 7 * 86400
  ), evaluations as (
    select e.id, e.jobset_id, e.unfinished, row_number() over (partition by e.jobset_id, e.unfinished order by e.id desc) as place
    from (
      select e.id, e.jobset_id, bool_or(b.finished = 0) as unfinished
      from jobsetevals e join jobsetevalmembers m on m.eval = e.id join builds b on b.id = m.build group by e.id
    ) e
  ), members as (
    select distinct m.build as id from evaluations e
    join living j on j.id = e.jobset_id join jobsetevalmembers m on m.eval = e.id
    where e.unfinished or e.place <= j.keepnr
  ), kept as (
    select id from members
    union select id from builds where keep = 1 or finished = 0
    union select max(b.id) from builds b
      where b.finished = 1 and b.buildstatus = 0
        and (b.jobset_id, b.job) in (select o.jobset_id, o.job from builds o join members on members.id = o.id)
      group by b.jobset_id, b.job
  )
  select regexp_replace(paths.path, '^.*/', '') as name from (
    select o.path from buildoutputs o join kept on kept.id = o.build
    union select o.path from buildstepoutputs o join builds b on b.id = o.build where b.finished = 0
    union select unnest(outputs) from iolaus.uploads
  ) paths where paths.path is not null`;

/** Base names of all outputs that are to be kept. @param now seconds since the epoch */
export async function listKeptOutputs(database: Queryable, now: number): Promise<string[]> {
  const rows = await database.query<{ name: string }>(listKeptOutputsStatement, [now]);
  return rows.map(({ name }) => name);
}
