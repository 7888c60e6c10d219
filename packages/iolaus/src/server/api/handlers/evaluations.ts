import type { Answer } from '../../../api/contract.ts';
import {
  countDifferences,
  listDifferences,
  previousEvaluation,
} from '../../../database/api/compare-evaluations.ts';
import { listMembers } from '../../../database/api/list-builds.ts';
import { listReadableEvaluations, readEvaluation } from '../../../database/api/list-evaluations.ts';
import { findReadable } from '../../../database/api/find-readable.ts';
import { notFound } from '../../http/api-error.ts';
import { decodeCursor, pageOfRows } from '../cursor.ts';
import type { Call, Handlers } from '../handlers.ts';
import { describeBuild, describeEvaluation } from '../wording.ts';

export const evaluationHandlers: Handlers<
  | 'listEvaluations'
  | 'readEvaluation'
  | 'listEvaluationBuilds'
  | 'compareEvaluation'
  | 'listDifferences'
> = {
  async listEvaluations({ query: { cursor, limit, project, jobset } }, { sources, reader }) {
    const rows = await listReadableEvaluations(sources.database, {
      reader,
      project: project ?? null,
      jobset: jobset ?? null,
      limit: limit + 1,
      before: decodeCursor(cursor, ['number'])?.[0] ?? null,
    });
    return pageOfRows(rows, limit, describeEvaluation, ({ id }) => [id]);
  },

  async readEvaluation({ address: { evaluation } }, { sources }) {
    const row = await readEvaluation(sources.database, evaluation);
    if (row === null) throw notFound(`There is no evaluation ${evaluation}.`);
    return describeEvaluation(row);
  },

  async listEvaluationBuilds({ address, query: { cursor, limit } }, { sources }) {
    const before = decodeCursor(cursor, ['number'])?.[0] ?? null;
    const rows = await listMembers(sources.database, address.evaluation, before, limit + 1);
    return pageOfRows(rows, limit, describeBuild, ({ id }) => [id]);
  },

  async compareEvaluation({ address: { evaluation }, query }, call) {
    const other = await findOther(evaluation, query.with, call);
    const rows = await countDifferences(call.sources.database, evaluation, other);
    const counts: Answer<'compareEvaluation'>['counts'] = { ...noDifferences };
    for (const { difference, count } of rows) counts[difference] = count;
    return { evaluation, with: other, counts };
  },

  async listDifferences({ address: { evaluation }, query }, call) {
    const { cursor, limit, difference } = query;
    const rows = await listDifferences(call.sources.database, {
      evaluation,
      difference,
      limit: limit + 1,
      other: await findOther(evaluation, query.with, call),
      after: decodeCursor(cursor, ['string', 'string', 'number']),
    });
    return pageOfRows(
      rows,
      limit,
      (row) => ({ ...describeBuild(row), difference: row.difference }),
      ({ job, system, id }) => [job, system, id],
    );
  },
};

const noDifferences = {
  'newly-failing': 0,
  'newly-succeeding': 0,
  'still-failing': 0,
  'still-succeeding': 0,
  aborted: 0,
  unfinished: 0,
  new: 0,
  removed: 0,
};

/** What to compare with: the one that was asked for, if the reader may see it, or the one before. */
async function findOther(
  evaluation: number,
  wanted: number | undefined,
  { sources, reader }: Call,
): Promise<number | null> {
  const { database } = sources;
  if (wanted === undefined) return previousEvaluation(database, evaluation);
  const found = await findReadable(database, reader, { type: 'evaluation', names: [wanted] });
  if (found !== null) return wanted;
  throw notFound(`There is no evaluation ${wanted}.`);
}
