import type { RunningSteps, Step, StepDetail } from '@iolaus/web/api';
import type { Database } from '../../database/connection/connection.ts';
import { readBuild } from '../../database/reads/read-build.ts';
import { readStep } from '../../database/reads/read-step.ts';
import { runningSteps } from '../../database/reads/running-steps.ts';
import type { StepRow } from '../../database/reads/step-row.ts';
import { notFound } from '../http/api-error.ts';
import { wordStep } from './wording.ts';

// A farm of a few hundred machines runs so many at once.
const runningMax = 2000;

/** The row of a step. Throws `ApiError` where there is none. */
export async function findStep(
  database: Database,
  build: number,
  number: number,
): Promise<StepRow> {
  const row = await readStep(database, build, number);
  if (row === null) throw notFound(`Build ${build} has no step ${number}.`);
  return row;
}

export async function describeStep(
  database: Database,
  build: number,
  number: number,
): Promise<StepDetail> {
  const [row, owner] = await Promise.all([
    findStep(database, build, number),
    readBuild(database, build),
  ]);
  if (owner === null) throw notFound(`There is no build ${build}.`);
  return addOwner(wordStep(row, true), owner);
}

export async function listRunningSteps(database: Database): Promise<RunningSteps> {
  const rows = await runningSteps(database, runningMax);
  return { steps: rows.map((row) => addOwner(wordStep(row, true), row)) };
}

type Owner = { readonly project: string; readonly jobset: string; readonly job: string };

const addOwner = (step: Step, { project, jobset, job }: Owner): StepDetail => ({
  ...step,
  project,
  jobset,
  job,
});
