import type { Queryable } from '../connection/connection.ts';
import type { JobName } from './find-build.ts';
import { visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

const seriesOf = (value: string): string => `
  select json_build_object('id', b.id, 'timestamp', b.timestamp, 'value', ${value})::text as "json"
  from builds b join ${visibleJobsets} j on j.id = b.jobset_id
  where j.project = $1 and j.name = $2 and b.job = $3 and b.finished = 1 and b.buildstatus = 0
    and coalesce(${value}, 0) <> 0 order by b.id`;

export const listJobSeriesStatements = {
  'build-times': seriesOf('(b.stoptime - b.starttime)'),
  'closure-sizes': seriesOf('b.closuresize'),
  'output-sizes': seriesOf('b.size'),
};

export const listMetricSeriesStatement = `
  select json_build_object('id', m.build, 'timestamp', m.timestamp, 'value', m.value, 'unit', m.unit)::text as "json"
  from buildmetrics m join ${visibleJobsets} j on j.project = m.project and j.name = m.jobset
  where m.project = $1 and m.jobset = $2 and m.job = $3 and m.name = $4 order by m.timestamp, m.build`;

export const readNewestBuildStatement = `
  select b.buildstatus as "status", b.stoptime as "stopTime", b.closuresize as "closureSize", b.size as "outputSize"
  from builds b join ${visibleJobsets} j on j.id = b.jobset_id
  where j.project = $1 and j.name = $2 and b.job = $3 and b.finished = 1 order by b.id desc limit 1`;

export type JobSeries = keyof typeof listJobSeriesStatements;

/** What a job took or weighed, build by build. Seconds or bytes. */
export async function listJobSeries(
  database: Queryable,
  series: JobSeries,
  { project, jobset, job }: JobName,
): Promise<string[]> {
  const parameters = [project, jobset, job];
  const rows = await database.query<JsonRow>(listJobSeriesStatements[series], parameters);
  return rows.map(({ json }) => json);
}

/** A metric of a job, build by build. */
export async function listMetricSeries(
  database: Queryable,
  { project, jobset, job }: JobName,
  metric: string,
): Promise<string[]> {
  const parameters = [project, jobset, job, metric];
  const rows = await database.query<JsonRow>(listMetricSeriesStatement, parameters);
  return rows.map(({ json }) => json);
}

export type NewestBuild = {
  readonly status: number;
  readonly stopTime: number;
  readonly closureSize: number | null;
  readonly outputSize: number | null;
};

/** The newest finished build of a job; null if none has finished. */
export async function readNewestBuild(
  database: Queryable,
  { project, jobset, job }: JobName,
): Promise<NewestBuild | null> {
  const rows = await database.query<NewestBuild>(readNewestBuildStatement, [project, jobset, job]);
  return rows[0] ?? null;
}
