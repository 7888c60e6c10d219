import type { Queryable } from '../connection/connection.ts';
import { stepColumns } from '../reads/step-row.ts';
import type { StepRow } from '../reads/step-row.ts';
import type { RunningStepRow } from '../reads/running-steps.ts';
import { readableJobsets, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

export const listBuildStepsStatement = `
  select ${stepColumns} from buildsteps s
  where s.build = $1 and ($2::bigint is null or s.stepnr < $2) order by s.stepnr desc limit $3`;

/** The steps that are charged to a build, newest first, those before `before`. */
export const listBuildSteps = (
  database: Queryable,
  build: number,
  before: number | null,
  limit: number,
): Promise<StepRow[]> => database.query(listBuildStepsStatement, [build, before, limit]);

const ofReadableBuilds = `
  from buildsteps s join builds b on b.id = s.build join jobsets j on j.id = b.jobset_id
  where j.id = any(${readableJobsets(1, 2, 3)})`;

export const listRunningStepsStatement = `
  select ${stepColumns}, j.project, j.name as "jobset", b.job ${ofReadableBuilds}
    and s.busy != 0 order by s.starttime, s.build, s.stepnr limit $4`;

/** What builders are at, longest first. */
export const listRunningSteps = (
  database: Queryable,
  reader: Reader,
  limit: number,
): Promise<RunningStepRow[]> =>
  database.query(listRunningStepsStatement, [readerParameter(reader), null, null, limit]);

export const listFinishedStepsStatement = `
  select ${stepColumns}, j.project, j.name as "jobset", b.job ${ofReadableBuilds}
    and s.starttime is not null and s.stoptime is not null and s.busy = 0
    and ($4::bigint is null or (s.stoptime, s.build, s.stepnr) < ($4, $5::bigint, $6::bigint))
    and ($4::bigint is null or s.stoptime <= $4)
  order by s.stoptime desc, s.build desc, s.stepnr desc limit $7`;

/** What was over last, those before `before`. */
export const listFinishedSteps = (
  database: Queryable,
  reader: Reader,
  before: readonly [stoppedAt: number, build: number, step: number] | null,
  limit: number,
): Promise<RunningStepRow[]> =>
  database.query(listFinishedStepsStatement, [
    ...[readerParameter(reader), null, null],
    ...(before ?? [null, null, null]),
    limit,
  ]);
