import type { Queryable } from '../connection/connection.ts';
import { isPublic } from '../hydra-api/visible.ts';
import { rememberCounts } from './remember-counts.ts';

/** An evaluation and how its builds stand. Times in seconds. */
export type EvaluationRow = {
  readonly id: number;
  readonly project: string;
  readonly jobset: string;
  readonly timestamp: number;
  readonly evaluationSeconds: number;
  readonly builds: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unfinished: number;
  readonly errorMessage: string | null;
};

export type EvaluationListFilter = {
  readonly project?: string | undefined;
  readonly jobset?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
};

/**
 * The rows of the evaluations `e` of jobsets `j` that are chosen by conditions, with an order and a limit behind them if need
 * be. Builds are counted only where that has not been done since the last of them finished.
 */
export const selectEvaluations = (chosen: string): string => `
  select e.id, j.project, j.name as "jobset", e.timestamp, e.evaltime as "evaluationSeconds",
    coalesce(e.builds, counted.builds) as "builds", coalesce(e.nrsucceeded, counted.succeeded) as "succeeded",
    coalesce(e.failed, counted.failed) as "failed", counted.unfinished, nullif(x.errormsg, '') as "errorMessage"
  from (
    select e.id, e.jobset_id, e.evaluationerror_id, e.timestamp, e.evaltime, e.nrsucceeded,
      e.nrbuilds - e.nrsucceeded as failed, case when e.nrsucceeded is not null then e.nrbuilds end as builds
    from jobsetevals e join jobsets j on j.id = e.jobset_id where ${chosen}
  ) e
  join jobsets j on j.id = e.jobset_id
  left join evaluationerrors x on x.id = e.evaluationerror_id
  cross join lateral (
    select count(*)::int4 as builds,
      (count(*) filter (where b.finished = 1 and b.buildstatus = 0))::int4 as succeeded,
      (count(*) filter (where b.finished = 1 and b.buildstatus <> 0))::int4 as failed,
      (count(*) filter (where b.finished = 0))::int4 as unfinished
    from jobsetevalmembers m join builds b on b.id = m.build where m.eval = e.id and e.nrsucceeded is null
  ) counted
  order by e.id desc`;

export const listEvaluationsStatement = selectEvaluations(`
  e.hasnewbuilds = 1 and ${isPublic} and ($1::text is null or j.project = $1) and ($2::text is null or j.name = $2)
  and ($3::int is null or e.id < $3)
  order by e.id desc limit $4`);

/** Newest first; only those that found something new, and nothing of what is hidden. */
export async function listEvaluations(
  database: Queryable,
  { project, jobset, before, limit }: EvaluationListFilter,
): Promise<EvaluationRow[]> {
  const evaluations = await database.query<EvaluationRow>(listEvaluationsStatement, [
    project ?? null,
    jobset ?? null,
    before ?? null,
    limit,
  ]);
  await rememberFinished(database, evaluations);
  return evaluations;
}

/** Counts of what is finished do not change any more, as a rule. */
export async function rememberFinished(
  database: Queryable,
  evaluations: readonly EvaluationRow[],
): Promise<void> {
  const finished = evaluations.filter(({ unfinished }) => unfinished === 0);
  await rememberCounts(
    database,
    finished.map(({ id }) => id),
  );
}
