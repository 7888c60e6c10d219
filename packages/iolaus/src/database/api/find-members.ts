import type { Queryable } from '../connection/connection.ts';

const membersWhere = (condition: string): string => `
  select b.id from jobsetevalmembers m join builds b on b.id = m.build where m.eval = $1 and ${condition}`;

/** Aborted: 3, cancelled: 4, unsupported: 9. */
export const findMembersStatements = {
  unfinished: membersWhere('b.finished = 0'),
  failed: membersWhere('b.finished = 1 and b.buildstatus <> 0'),
  aborted: membersWhere('b.finished = 1 and b.buildstatus in (3, 4, 9)'),
};

/** Builds of an evaluation by how they stand. */
export async function findMembers(
  database: Queryable,
  evaluation: number,
  which: keyof typeof findMembersStatements,
): Promise<number[]> {
  const rows = await database.query<{ id: number }>(findMembersStatements[which], [evaluation]);
  return rows.map(({ id }) => id);
}
