import type { Queryable } from '../connection/connection.ts';
import { visibleJobsets } from './visible.ts';
import type { JsonRow } from './visible.ts';

/** Only builds of newest evaluations count, for which there is an index. */
export const listJobsetOverviewsStatement = `
  select json_build_object(
    'project', j.project, 'name', j.name, 'nrscheduled', c.scheduled, 'nrsucceeded', c.succeeded,
    'nrfailed', c.failed, 'nrtotal', c.total, 'lastcheckedtime', j.lastcheckedtime, 'starttime', j.starttime,
    'checkinterval', j.checkinterval, 'triggertime', j.triggertime, 'fetcherrormsg', j.fetcherrormsg,
    'errortime', j.errortime, 'haserrormsg', coalesce(j.errormsg, '') <> ''
  )::text as "json"
  from ${visibleJobsets} j cross join lateral (
    select (count(*) filter (where b.finished = 0))::int4 as scheduled,
      (count(*) filter (where b.finished = 1 and b.buildstatus = 0))::int4 as succeeded,
      (count(*) filter (where b.finished = 1 and b.buildstatus <> 0))::int4 as failed, count(*)::int4 as total
    from builds b where b.jobset_id = j.id and b.iscurrent = 1
  ) c
  where $1::text is null or j.project = $1 order by j.project, j.name`;

/** How jobsets stand, as `GET /api/jobsets` tells it: all of them, or those of a project. */
export async function listJobsetOverviews(
  database: Queryable,
  project?: string,
): Promise<string[]> {
  const rows = await database.query<JsonRow>(listJobsetOverviewsStatement, [project ?? null]);
  return rows.map(({ json }) => json);
}
