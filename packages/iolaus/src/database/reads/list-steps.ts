import type { Queryable } from '../connection/connection.ts';
import { stepColumns } from './step-row.ts';
import type { StepRow } from './step-row.ts';

export const listStepsStatement = `
  select ${stepColumns} from buildsteps s where s.build = $1 order by s.stepnr desc limit $2`;

/** The steps that are charged to a build, newest first. */
export async function listSteps(
  database: Queryable,
  build: number,
  limit: number,
): Promise<StepRow[]> {
  return database.query<StepRow>(listStepsStatement, [build, limit]);
}
