import type { Queryable } from '../connection/connection.ts';
import { buildSummaryColumns, buildSummarySource } from '../reads/build-summary.ts';
import type { BuildSummary } from '../reads/build-summary.ts';

const sameJob = `
  from builds this join builds o
    on o.jobset_id = this.jobset_id and o.job = this.job and o.system = this.system and o.finished = 1
  where this.id = $1`;

const summaryOf = (chosen: string): string => `
  select ${buildSummaryColumns} from ${buildSummarySource} where b.id = (${chosen})`;

export const lastGoodStatement = summaryOf(
  `select max(o.id) ${sameJob} and o.id < this.id and o.buildstatus = 0`,
);

/** The newest build of the same job before this one that succeeded. */
export async function lastGood(database: Queryable, build: number): Promise<BuildSummary | null> {
  const [row] = await database.query<BuildSummary>(lastGoodStatement, [build]);
  return row ?? null;
}

/** Aborted: 3, cancelled: 4; nobody knows of these what would have become of them. */
export const firstBadStatement = summaryOf(
  `select min(o.id) ${sameJob} and o.id > $2::bigint and o.id <= this.id and o.buildstatus not in (0, 3, 4)
    and this.finished = 1 and this.buildstatus <> 0`,
);

/** The first build of the same job after another one that failed; null if this one did not. */
export async function firstBad(
  database: Queryable,
  build: number,
  after: number,
): Promise<BuildSummary | null> {
  const [row] = await database.query<BuildSummary>(firstBadStatement, [build, after]);
  return row ?? null;
}
