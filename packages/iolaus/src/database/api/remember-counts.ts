import type { Queryable } from '../connection/connection.ts';

export const mayRememberStatement = `
  select current_setting('transaction_read_only') = 'off' and has_table_privilege('jobsetevals', 'update') as "may"`;

/** Counted by the statement itself: something may have been restarted since somebody else did. */
export const rememberCountsStatement = `
  update jobsetevals e set nrsucceeded = counted.succeeded
  from (
    select m.eval, count(*) filter (where b.buildstatus = 0) as succeeded
    from jobsetevalmembers m join builds b on b.id = m.build
    where m.eval in (select id from jobsetevals where id = any($1::int[]) and nrsucceeded is null)
    group by m.eval having count(*) filter (where b.finished = 0) = 0
  ) counted
  where e.id = counted.eval and e.nrsucceeded is null`;

/**
 * Keeps how many builds of finished evaluations succeeded, as Hydra's pages do (`nrSucceeded`): an evaluation of nixpkgs has
 * a hundred thousand members. Whoever restarts a build forgets it again. Does nothing where we may only read.
 */
export async function rememberCounts(
  database: Queryable,
  evaluations: readonly number[],
): Promise<void> {
  if (evaluations.length === 0) return;
  const [answer] = await database.query<{ may: boolean }>(mayRememberStatement);
  if (answer?.may === true) await database.query(rememberCountsStatement, [evaluations]);
}
