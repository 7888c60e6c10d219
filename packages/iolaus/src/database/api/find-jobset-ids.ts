import type { Queryable } from '../connection/connection.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

export const findJobsetIdsStatement = `select unnest(${readableJobsets(1, 2, 3)}) as "id"`;

/**
 * Ids of the jobsets that a reader may see, of a project and of a name where those are given. Asked for beforehand: which
 * index is best for a list depends on them.
 */
export async function findJobsetIds(
  database: Queryable,
  reader: Reader,
  {
    project,
    jobset,
  }: { readonly project?: string | undefined; readonly jobset?: string | undefined },
): Promise<number[]> {
  const parameters = [readerParameter(reader), project ?? null, jobset ?? null];
  const rows = await database.query<{ id: number }>(findJobsetIdsStatement, parameters);
  return rows.map(({ id }) => id);
}
