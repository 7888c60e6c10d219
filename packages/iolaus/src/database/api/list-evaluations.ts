import type { Queryable } from '../connection/connection.ts';
import type { EvaluationRow } from '../reads/list-evaluations.ts';
import { rememberCounts } from '../reads/remember-counts.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

/** Builds are counted only where that has not been done since the last of them finished. */
const statementFor = (chosen: string): string => `
  select e.id, j.project, j.name as "jobset", e.timestamp, e.evaltime as "evaluationSeconds",
    coalesce(e.builds, counted.builds) as "builds", coalesce(e.nrsucceeded, counted.succeeded) as "succeeded",
    coalesce(e.failed, counted.failed) as "failed", counted.unfinished, nullif(x.errormsg, '') as "errorMessage"
  from (
    select e.*, e.nrbuilds - e.nrsucceeded as failed, case when e.nrsucceeded is not null then e.nrbuilds end as builds
    from jobsetevals e where ${chosen}
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

export const listReadableEvaluationsStatement = statementFor(`
  e.hasnewbuilds = 1 and e.jobset_id = any(${readableJobsets(1, 2, 3)}) and ($4::bigint is null or e.id < $4)
  order by e.id desc limit $5`);

export const readEvaluationStatement = statementFor('e.id = $1');

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
    ...[project, jobset, before, limit],
  ]);
  const finished = rows.filter(({ unfinished }) => unfinished === 0);
  await rememberCounts(
    database,
    finished.map(({ id }) => id),
  );
  return rows;
}

export async function readEvaluation(
  database: Queryable,
  id: number,
): Promise<EvaluationRow | null> {
  const [row] = await database.query<EvaluationRow>(readEvaluationStatement, [id]);
  return row ?? null;
}
