import type { Queryable } from '../connection/connection.ts';

/** A trigger tells the runner (`builds_bumped`). */
export const bumpBuildsStatement = `
  update builds set globalpriority = $2 where id = any($1::int[]) and finished = 0 returning id`;

/** Puts builds before all that were bumped earlier, as Hydra does: their priority is the time. Returns those unfinished. */
export async function bumpBuilds(
  database: Queryable,
  builds: readonly number[],
  now: number,
): Promise<number[]> {
  const rows = await database.query<{ id: number }>(bumpBuildsStatement, [builds, now]);
  return rows.map(({ id }) => id);
}
