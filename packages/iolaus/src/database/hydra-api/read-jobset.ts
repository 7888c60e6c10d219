import type { Queryable } from '../connection/connection.ts';
import { mayRunCommands, visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

export const readHydraJobsetStatement = `
  select json_build_object(
    'name', j.name, 'project', j.project, 'description', coalesce(j.description, ''),
    'nixexprinput', coalesce(j.nixexprinput, ''), 'nixexprpath', coalesce(j.nixexprpath, ''),
    'errormsg', coalesce(j.errormsg, ''), 'fetcherrormsg', coalesce(j.fetcherrormsg, ''),
    'emailoverride', j.emailoverride, 'flake', coalesce(j.flake, ''), 'type', j.type, 'enabled', j.enabled,
    'keepnr', j.keepnr, 'checkinterval', j.checkinterval, 'schedulingshares', j.schedulingshares,
    'errortime', j.errortime, 'lastcheckedtime', j.lastcheckedtime, 'triggertime', j.triggertime,
    'starttime', j.starttime, 'enableemail', j.enableemail <> 0,
    'enable_dynamic_run_command', ${mayRunCommands('j')}, 'visible', j.hidden = 0,
    'inputs', (
      select coalesce(json_object_agg(i.name, json_build_object('name', i.name, 'type', i.type,
        'value', coalesce(a.value, ''), 'emailresponsible', i.emailresponsible <> 0)), '{}')
      from jobsetinputs i left join jobsetinputalts a
        on a.project = i.project and a.jobset = i.jobset and a.input = i.name and a.altnr = 0
      where i.project = j.project and i.jobset = j.name)
  )::text as "json"
  from ${visibleJobsets} j where j.project = $1 and j.name = $2`;

export const readJobsetRenameStatement = `
  select to_ as "name" from jobsetrenames where project = $1 and from_ = $2`;

/** A jobset with its configuration, as Hydra tells it; null if there is none of that name. */
export async function readHydraJobset(
  database: Queryable,
  project: string,
  jobset: string,
): Promise<string | null> {
  const rows = await database.query<JsonRow>(readHydraJobsetStatement, [project, jobset]);
  return rows[0]?.json ?? null;
}

/** What a jobset that had this name is called now. */
export async function readJobsetRename(
  database: Queryable,
  project: string,
  jobset: string,
): Promise<string | null> {
  const rows = await database.query<{ name: string }>(readJobsetRenameStatement, [project, jobset]);
  return rows[0]?.name ?? null;
}
