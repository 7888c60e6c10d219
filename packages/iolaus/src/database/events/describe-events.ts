import type { Queryable } from '../connection/connection.ts';
import { buildSummaryColumns, buildSummarySource } from '../reads/build-summary.ts';
import type { BuildSummary } from '../reads/build-summary.ts';
import type { JobStepRow } from '../reads/step-row.ts';
import { stepColumns } from '../reads/step-row.ts';

/** Whether those alone may know of it who have a part in its project. */
export type Told<Row> = Row & { readonly hidden: boolean };

const hidden = `(j.hidden <> 0 or p.hidden <> 0) as "hidden"`;

export const toldBuildsStatement = `
  select ${buildSummaryColumns}, ${hidden} from ${buildSummarySource} join projects p on p.name = j.project
  where b.id = any($1::int[]) order by b.id`;

export const toldBuilds = (
  database: Queryable,
  builds: readonly number[],
): Promise<Told<BuildSummary>[]> => database.query(toldBuildsStatement, [builds]);

export const toldStepsStatement = `
  select ${stepColumns}, j.project, j.name as "jobset", b.job, ${hidden}
  from unnest($1::int[], $2::int[]) with ordinality as told (build, stepnr, place)
  join buildsteps s on s.build = told.build and s.stepnr = told.stepnr
  join builds b on b.id = s.build join jobsets j on j.id = b.jobset_id join projects p on p.name = j.project
  order by told.place`;

/** In the order in which they are asked for. */
export const toldSteps = (
  database: Queryable,
  steps: readonly { readonly build: number; readonly step: number }[],
): Promise<Told<JobStepRow>[]> =>
  database.query(toldStepsStatement, [
    steps.map(({ build }) => build),
    steps.map(({ step }) => step),
  ]);

export type JobsetOfEvent = {
  readonly id: number;
  readonly project: string;
  readonly jobset: string;
};

export const toldJobsetsStatement = `
  select j.id, j.project, j.name as "jobset", ${hidden} from jobsets j join projects p on p.name = j.project
  where j.id = any($1::int[])`;

export const toldJobsets = (
  database: Queryable,
  jobsets: readonly number[],
): Promise<Told<JobsetOfEvent>[]> => database.query(toldJobsetsStatement, [jobsets]);

export const evaluationsOfStatement = `
  select m.eval as "evaluation", m.build from jobsetevalmembers m
  where m.build = any($1::int[]) and m.eval = any($2::int[])`;

/** Which of the evaluations that somebody watches want which of the builds. */
export const evaluationsOf = (
  database: Queryable,
  builds: readonly number[],
  watched: readonly number[],
): Promise<{ evaluation: number; build: number }[]> =>
  database.query(evaluationsOfStatement, [builds, watched]);
