import type { Queryable } from '../connection/connection.ts';
import { rememberFinished, selectEvaluations } from '../reads/list-evaluations.ts';
import type { EvaluationRow } from '../reads/list-evaluations.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

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
    ...[project, jobset, before, limit],
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
