import type { Queryable } from '../connection.ts';
import { isReadable, isReadableProject } from './readable.ts';
import type { Reader } from './readable.ts';

/** Something that is asked for: a build or an evaluation by its number, a project by its name, a jobset by two. */
export type Asked = {
  readonly type: 'project' | 'jobset' | 'evaluation' | 'build';
  readonly names: readonly (string | number)[];
};

const jobsetOf = 'join jobsets j on j.id = x.jobset_id join projects p on p.name = j.project';

export const mayReadStatements = {
  project: `select 1 from projects p where p.name = $2 and ${isReadableProject(1)}`,
  jobset: `
    select 1 from jobsets j join projects p on p.name = j.project
    where p.name = $2 and j.name = $3 and ${isReadable(1)}`,
  evaluation: `select 1 from jobsetevals x ${jobsetOf} where x.id = $2 and ${isReadable(1)}`,
  build: `select 1 from builds x ${jobsetOf} where x.id = $2 and ${isReadable(1)}`,
};

/** Whether it is there and the reader may see it: nobody is told which of the two it is not. */
export async function mayRead(database: Queryable, reader: Reader, asked: Asked): Promise<boolean> {
  const rows = await database.query(mayReadStatements[asked.type], [reader, ...asked.names]);
  return rows.length > 0;
}
