import type { Queryable } from '../connection/connection.ts';
import { isPublic } from '../hydra-api/visible.ts';

/** A build in a list. Times in seconds since the epoch. */
export type BuildSummary = {
  readonly id: number;
  readonly project: string;
  readonly jobset: string;
  readonly job: string;
  readonly nixName: string | null;
  readonly system: string;
  /** With the store directory. */
  readonly derivation: string;
  readonly finished: boolean;
  /** Null while it is not finished: the row of a restarted build still has its old status. */
  readonly status: number | null;
  /** A step that is charged to it is under way. */
  readonly running: boolean;
  readonly cached: boolean;
  readonly queuedAt: number;
  readonly startedAt: number | null;
  readonly stoppedAt: number | null;
};

export type BuildListFilter = {
  readonly state?: BuildGroup | undefined;
  readonly project?: string | undefined;
  readonly jobset?: string | undefined;
  /** A part of the job's or the derivation's name, in any case. */
  readonly search?: string | undefined;
  /** Ids below it only. */
  readonly before?: number | undefined;
  readonly limit: number;
};

/** The columns of a summary, for every statement that has `b`, `j` and `busy` in its `from`. */
export const buildSummaryColumns = `
  b.id, j.project, j.name as "jobset", b.job, b.nixname as "nixName", b.system, b.drvpath as "derivation",
  b.finished = 1 as "finished",
  case when b.finished = 1 then b.buildstatus end as "status",
  b.finished = 0 and busy.since is not null as "running",
  b.finished = 1 and coalesce(b.iscachedbuild, 0) = 1 as "cached",
  b.timestamp as "queuedAt",
  case when b.finished = 1 then b.starttime else busy.since end as "startedAt",
  case when b.finished = 1 then b.stoptime end as "stoppedAt"`;

export const buildSummarySource = `
  builds b join jobsets j on j.id = b.jobset_id
  left join lateral (
    select min(s.starttime) as since from buildsteps s where s.build = b.id and s.busy != 0 and b.finished = 0
  ) busy on true`;

/** What makes a build `b` one of a group. */
const buildGroupConditions = {
  queued: `b.finished = 0 and not exists (select 1 from buildsteps s where s.build = b.id and s.busy != 0)`,
  running: `b.finished = 0 and b.id in (select s.build from buildsteps s where s.busy != 0)`,
  succeeded: `b.finished = 1 and b.buildstatus = 0`,
  failed: `b.finished = 1 and b.buildstatus <> 0`,
  any: 'true',
} as const;

export type BuildGroup = Exclude<keyof typeof buildGroupConditions, 'any'>;

/** A part of the job's or the derivation's name, in any case, if the parameter with this number has one. */
const nameContains = (parameter: number): string =>
  `($${parameter}::text is null or strpos(lower(b.job), lower($${parameter})) > 0
    or strpos(lower(b.nixname), lower($${parameter})) > 0)`;

/** A statement for each group, so that each can be planned over the index that serves it. */
export const eachBuildGroup = (
  statementFor: (condition: string) => string,
): Readonly<Record<BuildGroup | 'any', string>> => ({
  queued: statementFor(buildGroupConditions.queued),
  running: statementFor(buildGroupConditions.running),
  succeeded: statementFor(buildGroupConditions.succeeded),
  failed: statementFor(buildGroupConditions.failed),
  any: statementFor(buildGroupConditions.any),
});

export const listBuildsStatements = eachBuildGroup(
  (condition) => `
    select ${buildSummaryColumns} from ${buildSummarySource}
    where ${condition} and ${isPublic} and ($1::int is null or b.id < $1) and ($2::text is null or j.project = $2)
      and ($3::text is null or j.name = $3) and ${nameContains(4)}
    order by b.id desc limit $5`,
);

/** Newest first; nothing of what is hidden. */
export async function listBuilds(
  database: Queryable,
  { state, before, project, jobset, search, limit }: BuildListFilter,
): Promise<BuildSummary[]> {
  return database.query<BuildSummary>(listBuildsStatements[state ?? 'any'], [
    before ?? null,
    project ?? null,
    jobset ?? null,
    search ?? null,
    limit,
  ]);
}
