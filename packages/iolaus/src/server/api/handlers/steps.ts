import {
  listAttempts,
  listBuildSteps,
  listFinishedSteps,
  listRunningSteps,
  placeOfAttempt,
} from '../../../database/api/list-steps.ts';
import { readBuild } from '../../../database/reads/read-build.ts';
import { notFound } from '../../http/api-error.ts';
import { findStep } from '../../find-step.ts';
import { decodeCursor, pageOfRows } from '../cursor.ts';
import type { Handlers } from '../handlers.ts';
import { describeStep, describeJobStep } from '../wording.ts';

// A farm of a few hundred machines runs so many at once.
const runningMax = 2_000;

export const stepHandlers: Handlers<
  'listBuildSteps' | 'readStep' | 'listRunningSteps' | 'listFinishedSteps' | 'listAttempts'
> = {
  async listBuildSteps({ address: { build }, query: { cursor, limit } }, { sources }) {
    const before = decodeCursor(cursor, ['number'])?.[0] ?? null;
    const rows = await listBuildSteps(sources.database, build, before, limit + 1);
    return pageOfRows(rows, limit, describeStep, ({ stepNumber }) => [stepNumber]);
  },

  async readStep({ address: { build, step } }, { sources: { database } }) {
    const [row, owner] = await Promise.all([
      findStep(database, build, step),
      readBuild(database, build),
    ]);
    if (owner === null) throw notFound(`There is no build ${build}.`);
    const { project, jobset, job } = owner;
    return describeJobStep({ ...row, project, jobset, job });
  },

  async listRunningSteps(_, { sources, reader }) {
    const rows = await listRunningSteps(sources.database, reader, runningMax);
    return { items: rows.map(describeJobStep) };
  },

  async listFinishedSteps({ query: { cursor, limit } }, { sources, reader }) {
    const before = decodeCursor(cursor, ['number', 'number', 'number']);
    const rows = await listFinishedSteps(sources.database, reader, before, limit + 1);
    return pageOfRows(rows, limit, describeJobStep, (row) => [
      row.stoppedAt ?? 0,
      row.build,
      row.stepNumber,
    ]);
  },

  async listAttempts({ query: { cursor, limit, since, machine } }, { sources, reader }) {
    const rows = await listAttempts(sources.database, {
      reader,
      since,
      machine: machine ?? null,
      limit: limit + 1,
      before: decodeCursor(cursor, ['number', 'number', 'number']),
    });
    return pageOfRows(rows, limit, describeJobStep, placeOfAttempt);
  },
};
