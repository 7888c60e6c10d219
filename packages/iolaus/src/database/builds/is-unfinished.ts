import type { Queryable } from '../connection/connection.ts';

export const isUnfinishedStatement = `select 1 from builds where id = $1 and finished = 0`;

/** Whether the build exists and is to be built yet. */
export async function isUnfinished(database: Queryable, build: number): Promise<boolean> {
  return (await database.query(isUnfinishedStatement, [build])).length > 0;
}
