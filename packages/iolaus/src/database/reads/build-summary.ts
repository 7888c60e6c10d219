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
