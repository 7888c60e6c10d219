import type { Queryable } from '../connection/connection.ts';

// 8 MiB: they are read in some milliseconds, and a smaller table is counted whole.
const pagesRead = 1_000;

const readPagesStatement = `
  select pg_relation_size(to_regclass($1))::float8 / current_setting('block_size')::float8 as "pages"`;

/**
 * How many rows a table has, roughly, whether or not somebody has analysed it: those on some of its pages are counted. What
 * PostgreSQL remembers is nothing in a database that was just restored. The name goes into the statement as it is.
 */
export async function estimateRows(database: Queryable, table: string): Promise<number> {
  const [size] = await database.query<{ pages: number }>(readPagesStatement, [table]);
  const percent = Math.min(100, (100 * pagesRead) / (size?.pages ?? 0));
  const [found] = await database.query<{ count: number }>(
    `select count(*)::float8 as "count" from ${table} tablesample system ($1)`,
    [percent],
  );
  return Math.round(((found?.count ?? 0) * 100) / percent);
}
