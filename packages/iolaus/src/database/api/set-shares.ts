import type { Queryable } from '../connection/connection.ts';

/** A trigger tells the runner (`jobset_shares_changed`). */
export const setSharesStatement = `
  update jobsets set schedulingshares = $3 where project = $1 and name = $2`;

export async function setShares(
  database: Queryable,
  { project, jobset }: { readonly project: string; readonly jobset: string },
  shares: number,
): Promise<void> {
  await database.query(setSharesStatement, [project, jobset, shares]);
}
