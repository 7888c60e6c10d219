import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';

/** As weak as a foreign key's own lock: in the way of nobody but who deletes the build. */
export const lockBuildsStatement = `select id from builds where id = any($1::int[]) order by id for key share`;

/** Which of the builds are still there; they stay until the transaction ends. */
export async function lockBuilds(
  transaction: Transaction,
  builds: readonly BuildId[],
): Promise<Set<BuildId>> {
  if (builds.length === 0) return new Set();
  const rows = await transaction.query<{ id: BuildId }>(lockBuildsStatement, [builds]);
  return new Set(rows.map(({ id }) => id));
}
