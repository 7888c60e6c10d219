import type { Queryable } from '../connection/connection.ts';
import { buildSummaryColumns, buildSummarySource } from '../reads/build-summary.ts';
import type { BuildSummary } from '../reads/build-summary.ts';

/** How a job stands in an evaluation compared with another: the words of Hydra's page, and none that was aborted among others. */
export type Difference =
  | 'newly-failing'
  | 'newly-succeeding'
  | 'still-failing'
  | 'still-succeeding'
  | 'aborted'
  | 'unfinished'
  | 'new'
  | 'removed';

// Aborted, cancelled, timed out, and stopped for too much of a log: nobody knows whether the job is good.
const abortedStatuses = '(3, 4, 7, 10)';

const membersOf = (evaluation: string): string => `
  select b.id, b.job, b.system, b.finished, b.buildstatus as status
  from jobsetevalmembers m join builds b on b.id = m.build where m.eval = ${evaluation}`;

/** Every job of either evaluation ($1, $2), once; a job that is gone with the build it had. */
const differences = `
  select coalesce(n.id, o.id) as id, coalesce(n.job, o.job) as job, coalesce(n.system, o.system) as system,
    case
      when n.id is null then 'removed'
      when n.finished = 1 and n.status in ${abortedStatuses} then 'aborted'
      when n.finished = 0 then 'unfinished'
      when o.id is null then 'new'
      when o.finished = 0 then 'unfinished'
      when n.status = 0 then case when o.status = 0 then 'still-succeeding' else 'newly-succeeding' end
      else case when o.status = 0 then 'newly-failing' else 'still-failing' end
    end as difference
  from (${membersOf('$1::int')}) n full join (${membersOf('$2::int')}) o on o.job = n.job and o.system = n.system`;

export const countDifferencesStatement = `
  select d.difference, count(*)::int4 as "count" from (${differences}) d group by d.difference`;

export const countDifferences = (
  database: Queryable,
  evaluation: number,
  other: number | null,
): Promise<{ difference: Difference; count: number }[]> =>
  database.query(countDifferencesStatement, [evaluation, other]);

export const listDifferencesStatement = `
  with page as (
    select d.* from (${differences}) d
    where d.difference = $3 and ($4::text is null or (d.job, d.system, d.id) > ($4, $5, $6::bigint))
    order by d.job, d.system, d.id limit $7)
  select ${buildSummaryColumns}, page.difference
  from page join (${buildSummarySource}) on page.id = b.id order by page.job, page.system, page.id`;

/** The jobs of one kind of difference by name and system, those after `after`. */
export const listDifferences = (
  database: Queryable,
  filter: {
    readonly evaluation: number;
    readonly other: number | null;
    readonly difference: Difference;
    readonly after: readonly [job: string, system: string, build: number] | null;
    readonly limit: number;
  },
): Promise<(BuildSummary & { readonly difference: Difference })[]> =>
  database.query(listDifferencesStatement, [
    filter.evaluation,
    filter.other,
    filter.difference,
    ...(filter.after ?? [null, null, null]),
    filter.limit,
  ]);

export const previousEvaluationStatement = `
  select max(o.id) as "id" from jobsetevals e join jobsetevals o on o.jobset_id = e.jobset_id
  where e.id = $1 and o.id < e.id and o.hasnewbuilds = 1`;

/** The evaluation of the same jobset before this one; null where there is none. */
export async function previousEvaluation(
  database: Queryable,
  evaluation: number,
): Promise<number | null> {
  const [row] = await database.query<{ id: number | null }>(previousEvaluationStatement, [
    evaluation,
  ]);
  return row?.id ?? null;
}
