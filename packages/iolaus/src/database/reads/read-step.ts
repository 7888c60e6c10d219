import type { Queryable } from '../connection/connection.ts';
import { stepColumns } from './step-row.ts';
import type { StepRow } from './step-row.ts';

export const readStepStatement = `
  select ${stepColumns} from buildsteps s where s.build = $1 and s.stepnr = $2`;

export async function readStep(
  database: Queryable,
  build: number,
  stepNumber: number,
): Promise<StepRow | null> {
  const rows = await database.query<StepRow>(readStepStatement, [build, stepNumber]);
  return rows[0] ?? null;
}
