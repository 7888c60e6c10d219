import type { Queryable } from '../connection/connection.ts';

/** A build that was new in an evaluation. Paths are stored with the store directory. */
export type RecordedBuild = {
  readonly evaluation: number;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly jobset: number;
  readonly derivation: string;
};

/** A step that succeeded, and how long it took the last time. */
export type RecordedStep = {
  readonly derivation: string;
  readonly system: string | null;
  readonly seconds: number;
};

export const readLastEvaluationsStatement = `
  select id from jobsetevals where hasnewbuilds = 1 order by id desc limit $1`;

export const readRecordedBuildsStatement = `
  select m.eval as "evaluation", e.timestamp as "at", e.jobset_id as "jobset", b.drvpath as "derivation"
  from jobsetevalmembers m join builds b on b.id = m.build join jobsetevals e on e.id = m.eval
  where m.isnew = 1 and m.eval = any($1::int[]) order by e.timestamp, m.eval, b.id`;

export const readRecordedStepsStatement = `
  select distinct on (s.drvpath) s.drvpath as "derivation", s.system, s.stoptime - s.starttime as "seconds"
  from jobsetevalmembers m join buildsteps s on s.build = m.build
  where m.eval = any($1::int[]) and s.type = 0 and s.status = 0
    and s.starttime is not null and s.stoptime is not null
  order by s.drvpath, s.stoptime desc`;

/** The last evaluations that asked for something new, the newest first. */
export async function readLastEvaluations(database: Queryable, count: number): Promise<number[]> {
  const rows = await database.query<{ id: number }>(readLastEvaluationsStatement, [count]);
  return rows.map(({ id }) => id);
}

/** What the evaluations asked for, by time, and what was built for it. */
export async function readRecordedWork(
  database: Queryable,
  evaluations: readonly number[],
): Promise<{ readonly builds: RecordedBuild[]; readonly steps: RecordedStep[] }> {
  return {
    builds: await database.query<RecordedBuild>(readRecordedBuildsStatement, [evaluations]),
    steps: await database.query<RecordedStep>(readRecordedStepsStatement, [evaluations]),
  };
}
