import type { Queryable } from '../connection/connection.ts';
import { visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

const inputsJson = `(
  select coalesce(json_object_agg(i.name, json_build_object('uri', i.uri, 'type', i.type, 'revision', i.revision,
    'value', i.value, 'dependency', i.dependency)), '{}')
  from jobsetevalinputs i where i.eval = e.id and i.altnr = 0)`;

const evaluationJson = `json_build_object(
  'id', e.id, 'timestamp', e.timestamp, 'checkouttime', e.checkouttime, 'evaltime', e.evaltime,
  'hasnewbuilds', e.hasnewbuilds, 'flake', e.flake,
  'builds', (
    select coalesce(json_agg(m.build order by m.build), '[]') from jobsetevalmembers m where m.eval = e.id),
  'jobsetevalinputs', ${inputsJson})`;

const evaluationsSource = `jobsetevals e join ${visibleJobsets} j on j.id = e.jobset_id`;

/** What changed among the inputs since the evaluation before. */
const changedInputsJson = `(
  select coalesce(json_agg(json_build_object('name', i.name, 'uri', i.uri, 'type', i.type, 'revision', i.revision,
    'value', i.value) order by i.name), '[]')
  from jobsetevalinputs i where i.eval = e.id and i.altnr = 0 and not exists (
    select from jobsetevalinputs o where o.eval = before.id and o.altnr = 0 and o.name = i.name
      and (o.uri, o.type, o.revision, o.value) is not distinct from (i.uri, i.type, i.revision, i.value)))`;

const countsOf = (evaluation: string): string => `(
  select (count(*) filter (where b.finished = 0))::int4 as scheduled,
    (count(*) filter (where b.finished = 1 and b.buildstatus = 0))::int4 as succeeded,
    (count(*) filter (where b.finished = 1 and b.buildstatus <> 0))::int4 as failed
  from jobsetevalmembers m join builds b on b.id = m.build where m.eval = ${evaluation})`;

export const listHydraEvaluationsStatements = {
  byId: `select ${evaluationJson}::text as "json" from ${evaluationsSource} where e.id = $1`,
  ofJobset: `
    select ${evaluationJson}::text as "json" from ${evaluationsSource}
    where j.project = $1 and j.name = $2 and e.hasnewbuilds = 1 order by e.id desc offset $3 limit $4`,
  infos: `
    select json_build_object('eval', ${evaluationJson}, 'nrScheduled', c.scheduled, 'nrSucceeded', c.succeeded,
      'nrFailed', c.failed, 'diff', c.succeeded - coalesce(d.succeeded, 0), 'changedInputs', ${changedInputsJson}
    )::text as "json"
    from (select e.* from ${evaluationsSource} where e.hasnewbuilds = 1 order by e.id desc offset $1 limit $2) e
    left join lateral (
      select o.id from jobsetevals o where o.jobset_id = e.jobset_id and o.hasnewbuilds = 1 and o.id < e.id
      order by o.id desc limit 1) before on true
    cross join lateral ${countsOf('e.id')} c
    left join lateral ${countsOf('before.id')} d on true
    order by e.id desc`,
};

export const countHydraEvaluationsStatement = `
  select count(*)::int4 as "count" from ${evaluationsSource}
  where e.hasnewbuilds = 1 and ($1::text is null or j.project = $1) and ($2::text is null or j.name = $2)`;

export type JobsetName = { readonly project: string; readonly jobset: string };

/** An evaluation with the ids of its builds and its inputs; null if there is none of that id. */
export async function readHydraEvaluation(database: Queryable, id: number): Promise<string | null> {
  const rows = await database.query<JsonRow>(listHydraEvaluationsStatements.byId, [id]);
  return rows[0]?.json ?? null;
}

export type Window = { readonly offset: number; readonly limit: number };

/** Evaluations of a jobset that found something new, newest first. */
export async function listHydraEvaluations(
  database: Queryable,
  { project, jobset }: JobsetName,
  { offset, limit }: Window,
): Promise<string[]> {
  const parameters = [project, jobset, offset, limit];
  const rows = await database.query<JsonRow>(listHydraEvaluationsStatements.ofJobset, parameters);
  return rows.map(({ json }) => json);
}

/** Evaluations of all jobsets with how their builds stand, newest first. */
export async function listEvaluationInfos(
  database: Queryable,
  { offset, limit }: Window,
): Promise<string[]> {
  const parameters = [offset, limit];
  const rows = await database.query<JsonRow>(listHydraEvaluationsStatements.infos, parameters);
  return rows.map(({ json }) => json);
}

/** How many there are for these lists. */
export async function countHydraEvaluations(
  database: Queryable,
  name?: JobsetName,
): Promise<number> {
  const parameters = [name?.project ?? null, name?.jobset ?? null];
  const rows = await database.query<{ count: number }>(countHydraEvaluationsStatement, parameters);
  return rows[0]?.count ?? 0;
}
