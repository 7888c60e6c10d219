import type { Queryable } from '../connection/connection.ts';
import { visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

/** A build with all that belongs to it, as `GET /build/ID` of Hydra tells it. */
const buildJson = `json_build_object(
  'id', b.id, 'finished', b.finished, 'timestamp', b.timestamp, 'starttime', b.starttime, 'stoptime', b.stoptime,
  'project', j.project, 'jobset', j.name, 'job', b.job, 'nixname', b.nixname, 'system', b.system,
  'priority', b.priority, 'buildstatus', b.buildstatus, 'releasename', b.releasename, 'drvpath', b.drvpath,
  'jobsetevals', (
    select coalesce(json_agg(m.eval order by m.eval), '[]') from jobsetevalmembers m where m.build = b.id),
  'buildoutputs', (
    select coalesce(json_object_agg(o.name, json_build_object('path', o.path)), '{}')
    from buildoutputs o where o.build = b.id),
  'buildproducts', (
    select coalesce(json_object_agg(r.productnr, json_build_object('type', r.type, 'subtype', r.subtype,
      'name', r.name, 'filesize', r.filesize, 'sha256hash', r.sha256hash, 'path', r.path,
      'defaultpath', r.defaultpath)), '{}')
    from buildproducts r where r.build = b.id),
  'buildmetrics', (
    select coalesce(json_object_agg(m.name, json_build_object('value', m.value, 'unit', m.unit)), '{}')
    from buildmetrics m where m.build = b.id)
)::text as "json"`;

const buildsSource = `builds b join ${visibleJobsets} j on j.id = b.jobset_id`;

export const listHydraBuildsStatements = {
  byId: `select ${buildJson} from ${buildsSource} where b.id = $1`,
  byDerivation: `select ${buildJson} from ${buildsSource} where b.drvpath = $1 order by b.id limit 50`,
  byOutput: `
    select ${buildJson} from ${buildsSource}
    where b.id in (select o.build from buildoutputs o where o.path = $1) order by b.id limit 50`,
  constituents: `
    select ${buildJson} from aggregateconstituents a join ${buildsSource} on b.id = a.constituent
    where a.aggregate = $1 order by b.job, b.id`,
  members: `
    select b.id as "id", ${buildJson} from jobsetevalmembers m join ${buildsSource} on b.id = m.build
    where m.eval = $1 and m.build > $2 order by m.build limit $3`,
  queued: `
    select b.id as "id", ${buildJson} from ${buildsSource}
    where b.finished = 0 and b.id > $1 order by b.id limit $2`,
  running: `
    select ${buildJson} from ${buildsSource} where b.finished = 0
      and exists (select from buildsteps s where s.build = b.id and s.busy <> 0) order by b.id`,
};

type Unpaged = Exclude<keyof typeof listHydraBuildsStatements, 'members' | 'queued'>;

/** Builds as JSON. */
export async function listHydraBuilds(
  database: Queryable,
  which: Unpaged,
  parameter?: number | string,
): Promise<string[]> {
  const parameters = parameter === undefined ? [] : [parameter];
  const rows = await database.query<JsonRow>(listHydraBuildsStatements[which], parameters);
  return rows.map(({ json }) => json);
}

// A build takes about a kilobyte.
const pageRows = 500;

/** The builds of an evaluation, or all that are not finished, by id and a page at a time: there may be a hundred thousand. */
export async function* pageHydraBuilds(
  database: Queryable,
  which: { readonly evaluation: number } | 'queued',
): AsyncGenerator<string[]> {
  const [statement, parameters] =
    which === 'queued'
      ? [listHydraBuildsStatements.queued, []]
      : [listHydraBuildsStatements.members, [which.evaluation]];
  let after = 0;
  for (;;) {
    const rows = await database.query<JsonRow & { id: number }>(statement, [
      ...parameters,
      after,
      pageRows,
    ]);
    if (rows.length > 0) yield rows.map(({ json }) => json);
    if (rows.length < pageRows) return;
    after = rows.at(-1)?.id ?? after;
  }
}
