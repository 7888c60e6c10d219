import type { Queryable } from '../connection/connection.ts';
import { mayRunCommands } from './visible.ts';
import type { JsonRow } from './visible.ts';

/** Projects as Hydra tells them, enabled ones first; hidden jobsets are not among the names. */
export const listProjectsStatement = `
  select json_build_object(
    'name', p.name, 'displayname', p.displayname, 'description', coalesce(p.description, ''),
    'homepage', coalesce(p.homepage, ''), 'owner', p.owner, 'enabled', p.enabled <> 0, 'hidden', p.hidden <> 0,
    'enable_dynamic_run_command', ${mayRunCommands('p')},
    'declarative', case when p.declfile is not null
      then json_build_object('file', p.declfile, 'type', p.decltype, 'value', p.declvalue) end,
    'jobsets', (
      select coalesce(json_agg(j.name order by j.name), '[]') from jobsets j where j.project = p.name and j.hidden = 0)
  )::text as "json"
  from projects p where p.hidden = 0 and ($1::text is null or p.name = $1)
  order by p.enabled desc, p.name`;

/** All projects, or the one of a name. */
export async function listProjects(database: Queryable, name?: string): Promise<string[]> {
  const rows = await database.query<JsonRow>(listProjectsStatement, [name ?? null]);
  return rows.map(({ json }) => json);
}
