import type { Queryable } from '../connection/connection.ts';
import { isReadable, isReadableProject, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

/** Something that is asked for: a build or an evaluation by its number, a project by its name, a jobset by two. */
export type Asked = {
  readonly type: 'project' | 'jobset' | 'evaluation' | 'build';
  readonly names: readonly (string | number)[];
};

const jobsetOf = 'join jobsets j on j.id = x.jobset_id join projects p on p.name = j.project';

export const findReadableStatements = {
  project: `select p.name from projects p where p.name = $2 and ${isReadableProject(1)}`,
  jobset: `
    select p.name from jobsets j join projects p on p.name = j.project
    where p.name = $2 and j.name = $3 and ${isReadable(1)}`,
  evaluation: `select p.name from jobsetevals x ${jobsetOf} where x.id = $2 and ${isReadable(1)}`,
  build: `select p.name from builds x ${jobsetOf} where x.id = $2 and ${isReadable(1)}`,
};

/** The project of what is asked for; null if it is not there, or the reader may not see it: nobody is told which. */
export async function findReadable(
  database: Queryable,
  reader: Reader,
  asked: Asked,
): Promise<string | null> {
  const parameters = [readerParameter(reader), ...asked.names];
  const [row] = await database.query<{ name: string }>(
    findReadableStatements[asked.type],
    parameters,
  );
  return row?.name ?? null;
}
