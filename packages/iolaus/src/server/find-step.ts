import type { Database } from '../database/connection/connection.ts';
import { readStep } from '../database/reads/read-step.ts';
import type { StepRow } from '../database/reads/step-row.ts';
import { notFound } from './http/api-error.ts';

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
