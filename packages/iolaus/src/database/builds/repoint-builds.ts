import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';

/** Their results are those of another derivation: a trigger tells the runner that they are to be built again. */
export const repointBuildsStatement = `
  with changed as (
    select b.id, n.drvpath from builds b join unnest($1::int[], $2::text[]) as n (id, drvpath) on n.id = b.id
    order by b.id for no key update of b
  )
  update builds b set drvpath = changed.drvpath, finished = 0, buildstatus = null from changed where b.id = changed.id`;

/** Counts that were right while they were finished. */
export const forgetCountsStatement = `
  update jobsetevals set nrsucceeded = null
  where nrsucceeded is not null and id in (select eval from jobsetevalmembers where build = any($1::int[]))`;

/** Gives finished builds a new derivation for the same outputs, and queues them again. */
export async function repointBuilds(
  transaction: Transaction,
  builds: readonly { readonly id: BuildId; readonly derivation: string }[],
): Promise<void> {
  if (builds.length === 0) return;
  const ids = builds.map(({ id }) => id);
  await transaction.query(repointBuildsStatement, [
    ids,
    builds.map(({ derivation }) => derivation),
  ]);
  await transaction.query(forgetCountsStatement, [ids]);
}
