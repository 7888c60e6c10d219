import type { Queryable } from './connection.ts';

export const readFailedPathsStatement = `select path from failedpaths where path = any($1::text[])`;

/** Which of the paths could not be built before, and were not cleared since. */
export async function readFailedPaths(
  database: Queryable,
  paths: readonly string[],
): Promise<Set<string>> {
  const rows = await database.query<{ path: string }>(readFailedPathsStatement, [paths]);
  return new Set(rows.map(({ path }) => path));
}
