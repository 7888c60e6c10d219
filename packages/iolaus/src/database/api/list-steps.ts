import type { Queryable } from '../connection/connection.ts';
import { stepColumns } from '../reads/step-row.ts';
import type { JobStepRow, StepRow } from '../reads/step-row.ts';
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
): Promise<JobStepRow[]> =>
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
): Promise<JobStepRow[]> =>
  database.query(listFinishedStepsStatement, [
    readerParameter(reader),
    null,
    null,
    ...(before ?? [null, null, null]),
    limit,
  ]);

// Later than any time that a row has: what is under way comes before all that is over.
const notOver = 2 ** 53 - 1;

/** Each half is answered from an index of its own, and neither gives more than a page. */
export const listAttemptsStatement = `
  select * from (
    (select ${stepColumns}, j.project, j.name as "jobset", b.job ${ofReadableBuilds}
      and s.busy != 0 and ($8::text is null or s.machine = $8)
      and ($4::bigint is null or (${notOver}, s.build, s.stepnr) < ($4, $5::bigint, $6::bigint))
      order by s.build desc, s.stepnr desc limit $7)
    union all
    (select ${stepColumns}, j.project, j.name as "jobset", b.job ${ofReadableBuilds}
      and s.starttime is not null and s.stoptime is not null and s.busy = 0
      and s.stoptime >= $9::bigint and ($8::text is null or s.machine = $8)
      and ($4::bigint is null or (s.stoptime, s.build, s.stepnr) < ($4, $5::bigint, $6::bigint))
      and ($4::bigint is null or s.stoptime <= $4)
      order by s.stoptime desc, s.build desc, s.stepnr desc limit $7)
  ) attempts
  order by case when busy != 0 then ${notOver} else "stoppedAt" end desc, build desc, "stepNumber" desc limit $7`;

/** What is under way, and what was over since `since`, the last one first, those before `before`. */
export const listAttempts = (
  database: Queryable,
  filter: {
    readonly reader: Reader;
    readonly since: number;
    readonly machine: string | null;
    readonly before: readonly [at: number, build: number, step: number] | null;
    readonly limit: number;
  },
): Promise<JobStepRow[]> =>
  database.query(listAttemptsStatement, [
    readerParameter(filter.reader),
    null,
    null,
    ...(filter.before ?? [null, null, null]),
    filter.limit,
    filter.machine,
    filter.since,
  ]);

/** Where an attempt stands in that list. */
export const placeOfAttempt = (row: JobStepRow): [number, number, number] => [
  ...([row.busy !== 0 ? notOver : (row.stoppedAt ?? 0), row.build, row.stepNumber] as const),
];
