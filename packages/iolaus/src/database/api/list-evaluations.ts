import type { Queryable } from '../connection/connection.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';
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

/**
 * The rows of the evaluations `e` of jobsets `j` that are chosen by conditions, with an order and a limit behind them if need
 * be. Builds are counted only where that has not been done since the last of them finished.
 */
const selectEvaluations = (chosen: string): string => `
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

export const listReadableEvaluationsStatement = selectEvaluations(`
  e.hasnewbuilds = 1 and e.jobset_id = any(${readableJobsets(1, 2, 3)}) and ($4::bigint is null or e.id < $4)
  order by e.id desc limit $5`);

export const readEvaluationStatement = selectEvaluations('e.id = $1');

/** Those that found something new, newest first, those before `before`. */
export async function listReadableEvaluations(
  database: Queryable,
  filter: {
    readonly reader: Reader;
    readonly project: string | null;
    readonly jobset: string | null;
    readonly before: number | null;
    readonly limit: number;
  },
): Promise<EvaluationRow[]> {
  const { reader, project, jobset, before, limit } = filter;
  const rows = await database.query<EvaluationRow>(listReadableEvaluationsStatement, [
    readerParameter(reader),
    project,
    jobset,
    before,
    limit,
  ]);
  await rememberFinished(database, rows);
  return rows;
}

export async function readEvaluation(
  database: Queryable,
  id: number,
): Promise<EvaluationRow | null> {
  const [row] = await database.query<EvaluationRow>(readEvaluationStatement, [id]);
  return row ?? null;
}

/** Counts of what is finished do not change any more, as a rule. */
async function rememberFinished(
  database: Queryable,
  evaluations: readonly EvaluationRow[],
): Promise<void> {
  const finished = evaluations.filter(({ unfinished }) => unfinished === 0);
  await rememberCounts(
    database,
    finished.map(({ id }) => id),
  );
}
