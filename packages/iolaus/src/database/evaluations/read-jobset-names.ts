import type { JobsetId } from '../../farm/identity.ts';
import type { Queryable } from '../connection/connection.ts';

export type JobsetName = {
  readonly id: JobsetId;
  readonly project: string;
  readonly name: string;
};

export const readJobsetNamesStatement = `
  select id, project, name from jobsets where id = any($1::int[]) order by project, name`;

export async function readJobsetNames(
  database: Queryable,
  jobsets: readonly JobsetId[],
): Promise<JobsetName[]> {
  return database.query<JobsetName>(readJobsetNamesStatement, [jobsets]);
}
