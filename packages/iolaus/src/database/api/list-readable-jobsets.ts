import type { Queryable } from '../connection/connection.ts';
import { isReadable, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

export type JobsetName = { readonly id: number; readonly project: string; readonly jobset: string };

export const listReadableJobsetsStatement = `
  select j.id, j.project, j.name as "jobset" from jobsets j join projects p on p.name = j.project
  where ${isReadable(1)}`;

/** Names of all jobsets that a reader may see, by id. */
export async function listReadableJobsets(
  database: Queryable,
  reader: Reader,
): Promise<Map<number, JobsetName>> {
  const rows = await database.query<JobsetName>(listReadableJobsetsStatement, [
    readerParameter(reader),
  ]);
  return new Map(rows.map((row) => [row.id, row]));
}
