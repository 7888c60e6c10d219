import type { Queryable } from '../connection/connection.ts';
import { isReadableProject, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

export type ProjectRow = {
  readonly name: string;
  readonly displayName: string;
  readonly description: string | null;
  readonly homepage: string | null;
  readonly owner: string;
  readonly enabled: boolean;
  readonly hidden: boolean;
};

const columns = `
  p.name, p.displayname as "displayName", p.description, p.homepage, p.owner, p.enabled <> 0 as "enabled",
  p.hidden <> 0 as "hidden"`;

export const listProjectsStatement = `
  select ${columns} from projects p
  where ${isReadableProject(1)} and ($2::text is null or p.name > $2) order by p.name limit $3`;

/** By name, those after `after`. */
export const listProjects = (
  database: Queryable,
  reader: Reader,
  after: string | null,
  limit: number,
): Promise<ProjectRow[]> =>
  database.query(listProjectsStatement, [readerParameter(reader), after, limit]);

export const readProjectStatement = `select ${columns} from projects p where p.name = $1`;

export async function readProject(database: Queryable, name: string): Promise<ProjectRow | null> {
  const [row] = await database.query<ProjectRow>(readProjectStatement, [name]);
  return row ?? null;
}
