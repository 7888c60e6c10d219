import type { Queryable } from '../connection/connection.ts';
import type { JobsetName } from './list-evaluations.ts';
import { visibleJobsets } from './visible.ts';

type Found = { readonly id: number };

/** An evaluation is through when none of its builds is left to do. */
const isThrough = `not exists (
  select from jobsetevalmembers o join builds u on u.id = o.build where o.eval = m.eval and u.finished = 0)`;

export const findBuildStatements = {
  latest: `
    select b.id from builds b join ${visibleJobsets} j on j.id = b.jobset_id
    where j.project = $1 and j.name = $2 and b.job = $3 and b.finished = 1 and b.buildstatus = 0
      and ($4::text is null or b.system = $4)
    order by b.id desc limit 1`,
  latestFinished: `
    select b.id from builds b join ${visibleJobsets} j on j.id = b.jobset_id
    where j.project = $1 and j.name = $2 and b.job = $3 and b.finished = 1 and b.buildstatus = 0
      and ($4::text is null or b.system = $4)
      and exists (select from jobsetevalmembers m where m.build = b.id and ${isThrough})
    order by b.id desc limit 1`,
  ofEvaluation: `
    select b.id from jobsetevalmembers m join builds b on b.id = m.build
      join ${visibleJobsets} j on j.id = b.jobset_id
    where m.eval = $1 and b.job = $2 order by b.id limit 1`,
};

export const findLatestEvaluationStatement = `
  select m.id from jobsetevals m join ${visibleJobsets} j on j.id = m.jobset_id
  where j.project = $1 and j.name = $2 and m.hasnewbuilds = 1
    and exists (select from jobsetevalmembers o where o.eval = m.id)
    and not exists (
      select from jobsetevalmembers o join builds u on u.id = o.build where o.eval = m.id and u.finished = 0)
  order by m.id desc limit 1`;

export type JobName = JobsetName & { readonly job: string };

/** The newest build of a job that succeeded, of all or of a system; with `latestFinished` in an evaluation that is through. */
export async function findLatestBuild(
  database: Queryable,
  which: 'latest' | 'latestFinished',
  { project, jobset, job }: JobName,
  system?: string,
): Promise<number | null> {
  const parameters = [project, jobset, job, system ?? null];
  const rows = await database.query<Found>(findBuildStatements[which], parameters);
  return rows[0]?.id ?? null;
}

/** The build of a job in an evaluation. */
export async function findBuildOfEvaluation(
  database: Queryable,
  evaluation: number,
  job: string,
): Promise<number | null> {
  const rows = await database.query<Found>(findBuildStatements.ofEvaluation, [evaluation, job]);
  return rows[0]?.id ?? null;
}

/** The newest evaluation of a jobset that is through. */
export async function findLatestEvaluation(
  database: Queryable,
  { project, jobset }: JobsetName,
): Promise<number | null> {
  const rows = await database.query<Found>(findLatestEvaluationStatement, [project, jobset]);
  return rows[0]?.id ?? null;
}
