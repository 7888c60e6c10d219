import type { Queryable } from '../connection/connection.ts';
import { isPublic } from '../hydra-api/visible.ts';
import { stepColumns } from './step-row.ts';
import type { StepRow } from './step-row.ts';

export type RunningStepRow = StepRow & {
  readonly project: string;
  readonly jobset: string;
  readonly job: string;
};

export const runningStepsStatement = `
  select ${stepColumns}, j.project, j.name as "jobset", b.job
  from buildsteps s join builds b on b.id = s.build join jobsets j on j.id = b.jobset_id
  where s.busy != 0 and ${isPublic} order by s.starttime, s.build, s.stepnr limit $1`;

/** What builders work on, longest first; nothing of what is hidden. */
export async function runningSteps(database: Queryable, limit: number): Promise<RunningStepRow[]> {
  return database.query<RunningStepRow>(runningStepsStatement, [limit]);
}
