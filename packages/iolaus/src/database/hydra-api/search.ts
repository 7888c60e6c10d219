import type { Queryable } from '../connection/connection.ts';
import { visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

/** `pattern` of `like`: what contains a text, whatever is in it. */
export const containing = (text: string): string =>
  `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

export const searchStatements = {
  projects: `
    select json_build_object('name', p.name, 'displayname', p.displayname, 'description', coalesce(p.description, ''),
      'enabled', p.enabled <> 0, 'hidden', false)::text as "json"
    from projects p
    where p.hidden = 0 and (p.name ilike $1 or p.displayname ilike $1 or p.description ilike $1)
    order by p.name limit $2`,
  jobsets: `
    select json_build_object('name', j.name, 'project', j.project, 'description', coalesce(j.description, ''))::text
      as "json"
    from ${visibleJobsets} j where j.name ilike $1 or j.description ilike $1 order by j.project, j.name limit $2`,
  jobs: `
    select json_build_object('project', j.project, 'jobset', j.name, 'job', b.job, 'id', b.id)::text as "json"
    from builds b join ${visibleJobsets} j on j.id = b.jobset_id
    where b.iscurrent = 1 and b.job ilike $1 order by j.project, j.name, b.job limit $2`,
};

/** Projects, jobsets or current jobs in whose name or description something is. */
export async function search(
  database: Queryable,
  what: keyof typeof searchStatements,
  text: string,
  limit: number,
): Promise<string[]> {
  const rows = await database.query<JsonRow>(searchStatements[what], [containing(text), limit]);
  return rows.map(({ json }) => json);
}
