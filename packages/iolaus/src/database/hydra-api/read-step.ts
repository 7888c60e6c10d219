import type { Queryable } from '../connection/connection.ts';
import { resolvedDerivation, visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

/** Hydra tells no status, stop time or outputs; they stand beside what it does tell. */
export const readHydraStepStatement = `
  select json_build_object(
    'machine', s.machine, 'system', s.system, 'stepnr', s.stepnr, 'drvpath', s.drvpath, 'starttime', s.starttime,
    'resolveddrvpath', ${resolvedDerivation}, 'build', json_build_object('id', s.build), 'busy', s.busy,
    'status', s.status, 'stoptime', s.stoptime, 'errormsg', s.errormsg,
    'outputs', (
      select coalesce(json_object_agg(o.name, json_build_object('path', o.path)), '{}')
      from buildstepoutputs o where o.build = s.build and o.stepnr = s.stepnr)
  )::text as "json"
  from buildsteps s join builds b on b.id = s.build join ${visibleJobsets} j on j.id = b.jobset_id
  where s.build = $1 and s.stepnr = $2`;

/** A step of a build; null if there is none of that number. */
export async function readHydraStep(
  database: Queryable,
  build: number,
  number: number,
): Promise<string | null> {
  const rows = await database.query<JsonRow>(readHydraStepStatement, [build, number]);
  return rows[0]?.json ?? null;
}
