import type { Queryable } from '../connection/connection.ts';

/** `path` with the store directory, null while it is not known. */
export type OutputRow = { readonly name: string; readonly path: string | null };

export const listOutputsStatement = `select name, path from buildoutputs where build = $1 order by name`;

export async function listOutputs(database: Queryable, build: number): Promise<OutputRow[]> {
  return database.query<OutputRow>(listOutputsStatement, [build]);
}
