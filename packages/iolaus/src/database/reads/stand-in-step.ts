import type { Queryable } from '../connection/connection.ts';
import { stepColumns } from './step-row.ts';
import type { StepRow } from './step-row.ts';

/** The same derivation, charged to another build: what runs now, then what went best, then what is newest. */
export const sameDerivationStatement = `
  select ${stepColumns} from builds b join buildsteps s on s.drvpath = b.drvpath
  where b.id = $1 and s.build <> b.id and s.type = 0 and s.starttime is not null
    and not exists (
      select 1 from buildsteps own
      where own.build = b.id and own.drvpath = b.drvpath and own.type = 0 and own.starttime is not null
    )
  order by s.busy desc, s.status nulls last, s.stoptime desc limit 1`;

/** Whoever made the first output of a build that was found finished. */
export const sameOutputStatement = `
  select ${stepColumns}
  from (select path from buildoutputs where build = $1 and path is not null order by name limit 1) first
  join buildstepoutputs o on o.path = first.path
  join buildsteps s on s.build = o.build and s.stepnr = o.stepnr
  where s.busy = 0 order by s.status, s.stoptime limit 1`;

export const isCachedStatement = `
  select finished = 1 and coalesce(iscachedbuild, 0) = 1 as "cached" from builds where id = $1`;

/** For a build that nothing was built for itself: the step that did its work. Null if there is none. */
export async function standInStep(database: Queryable, build: number): Promise<StepRow | null> {
  const [same] = await database.query<StepRow>(sameDerivationStatement, [build]);
  if (same !== undefined) return same;
  const [cached] = await database.query<{ cached: boolean }>(isCachedStatement, [build]);
  if (cached?.cached !== true) return null;
  const [maker] = await database.query<StepRow>(sameOutputStatement, [build]);
  return maker ?? null;
}
