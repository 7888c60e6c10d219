import type { Queryable } from '../connection/connection.ts';
import { isReadable, readerParameter } from './readable.ts';
import type { Reader } from './readable.ts';

/** A jobset and how the builds of its newest evaluation stand. Times in seconds since the epoch. */
export type JobsetRow = {
  readonly id: number;
  readonly project: string;
  readonly name: string;
  readonly description: string | null;
  readonly enabled: number;
  readonly hidden: boolean;
  readonly flake: string | null;
  readonly schedulingShares: number;
  readonly checkIntervalSeconds: number;
  readonly lastCheckedAt: number | null;
  readonly error: string | null;
  readonly unfinished: number;
  readonly succeeded: number;
  readonly failed: number;
};

/** Builds of newest evaluations, each state from an index of Hydra's that answers without the rows. */
const countCurrent = (condition: string): string =>
  `(select count(*)::int4 from builds b where b.jobset_id = j.id and b.iscurrent = 1 and ${condition})`;

export const listJobsetsStatement = `
  select j.id, j.project, j.name, j.description, j.enabled, j.hidden <> 0 as "hidden", j.flake,
    j.schedulingshares as "schedulingShares", j.checkinterval as "checkIntervalSeconds",
    j.lastcheckedtime as "lastCheckedAt", coalesce(nullif(j.fetcherrormsg, ''), nullif(j.errormsg, '')) as "error",
    c.unfinished, c.succeeded, c.failed
  from (
    select j.* from jobsets j join projects p on p.name = j.project
    where ${isReadable(1)} and ($2::text is null or j.project = $2) and ($3::text is null or j.name = $3)
      and ($4::text is null or (j.project, j.name) > ($4, $5))
    order by j.project, j.name limit $6
  ) j cross join lateral (
    select ${countCurrent('b.finished = 0')} as unfinished,
      ${countCurrent('b.finished = 1 and b.buildstatus = 0')} as succeeded,
      ${countCurrent('b.finished = 1 and b.buildstatus <> 0')} as failed
  ) c
  order by j.project, j.name`;

/** By project and name, those after `after`. */
export const listJobsets = (
  database: Queryable,
  filter: {
    readonly reader: Reader;
    readonly project: string | null;
    readonly jobset: string | null;
    readonly after: readonly [project: string, jobset: string] | null;
    readonly limit: number;
  },
): Promise<JobsetRow[]> =>
  database.query(listJobsetsStatement, [
    readerParameter(filter.reader),
    filter.project,
    filter.jobset,
    filter.after?.[0] ?? null,
    filter.after?.[1] ?? null,
    filter.limit,
  ]);
