import type { Queryable } from '../connection/connection.ts';
import { resolvedDerivation, visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

export const readBuildInfoStatement = `
  select json_strip_nulls(json_build_object(
    'buildId', b.id, 'drvPath', b.drvpath,
    'outPath', (select o.path from buildoutputs o where o.build = b.id and o.name = 'out'),
    'resolvedSteps', (
      select json_agg(json_build_object('stepnr', s.stepnr, 'resolvedDrvPath', ${resolvedDerivation}, 'terminal', (
        select json_build_object('buildId', t.build, 'stepnr', t.stepnr, 'status', t.status, 'busy', t.busy)
        from buildsteps t where t.drvpath = ${resolvedDerivation} order by t.build desc, t.stepnr desc limit 1
      )) order by s.stepnr)
      from buildsteps s where s.build = b.id and s.status = 13)
  ))::text as "json"
  from builds b join ${visibleJobsets} j on j.id = b.jobset_id where b.id = $1`;

/** What scripts ask of a build before they fetch it, as `GET /build/ID/api/get-info` tells it. */
export async function readBuildInfo(database: Queryable, build: number): Promise<string | null> {
  const rows = await database.query<JsonRow>(readBuildInfoStatement, [build]);
  return rows[0]?.json ?? null;
}
