import type { Queryable } from '../connection/connection.ts';
import { buildSummaryColumns, buildSummarySource } from './build-summary.ts';
import type { BuildSummary } from './build-summary.ts';

/** All that a build's own row tells. Sizes in bytes; results are null while it is not finished. */
export type BuildRow = BuildSummary & {
  readonly description: string | null;
  /** The first evaluation that wanted it. */
  readonly evaluation: number | null;
  readonly priority: number;
  readonly globalPriority: number;
  readonly timeoutSeconds: number | null;
  readonly maxSilentSeconds: number | null;
  readonly size: number | null;
  readonly closureSize: number | null;
  readonly releaseName: string | null;
};

export const readBuildStatement = `
  select ${buildSummaryColumns}, b.description,
    (select min(m.eval) from jobsetevalmembers m where m.build = b.id) as "evaluation",
    b.priority, b.globalpriority as "globalPriority", b.timeout as "timeoutSeconds", b.maxsilent as "maxSilentSeconds",
    case when b.finished = 1 then b.size end as "size",
    case when b.finished = 1 then b.closuresize end as "closureSize",
    case when b.finished = 1 then b.releasename end as "releaseName"
  from ${buildSummarySource} where b.id = $1`;

export async function readBuild(database: Queryable, id: number): Promise<BuildRow | null> {
  const rows = await database.query<BuildRow>(readBuildStatement, [id]);
  return rows[0] ?? null;
}
