import type { BuildId } from '../../farm/identity.ts';
import type { Queryable } from '../connection/connection.ts';

/** What became of a build. Times in seconds since the epoch, null or 0 where there are none. */
export type BuildReportRow = {
  readonly id: number;
  readonly job: string;
  readonly derivation: string;
  readonly finished: boolean;
  readonly status: number | null;
  readonly cached: boolean;
  readonly startTime: number | null;
  readonly stopTime: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  /** Who ran the build's own step; empty if nobody did. */
  readonly machine: string;
  readonly errorMessage: string | null;
};

/**
 * What `iolaus build` tells of its builds: each with the newest row of its own derivation, and the message of its newest
 * failing row, which for a dependency names the dependency.
 */
export const readBuildReportsStatement = `
  select b.id, b.job, b.drvpath as "derivation", b.finished = 1 as "finished", b.buildstatus as "status",
    coalesce(b.iscachedbuild, 0) = 1 as "cached", b.starttime as "startTime", b.stoptime as "stopTime",
    coalesce(
      (select json_object_agg(o.name, o.path) from buildoutputs o where o.build = b.id and o.path is not null),
      '{}'
    ) as "outputs",
    coalesce(own.machine, '') as "machine",
    case
      when failing.drvpath is null or failing.drvpath = b.drvpath then failing.errormsg
      else regexp_replace(failing.drvpath, '^.*/[^-]*-', '') || ': ' || coalesce(failing.errormsg, 'failed')
    end as "errorMessage"
  from builds b
  left join lateral (
    select s.machine from buildsteps s
    where s.build = b.id and s.drvpath = b.drvpath order by s.stepnr desc limit 1
  ) own on true
  left join lateral (
    select s.drvpath, s.errormsg from buildsteps s
    where s.build = b.id and s.status is not null and s.status not in (0, 13)
    order by s.stepnr desc limit 1
  ) failing on b.finished = 1 and b.buildstatus <> 0
  where b.id = any($1::int[])
  order by b.id`;

export async function readBuildReports(
  database: Queryable,
  builds: readonly BuildId[],
): Promise<BuildReportRow[]> {
  return database.query<BuildReportRow>(readBuildReportsStatement, [builds]);
}
