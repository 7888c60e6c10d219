import type { BuildId, JobsetId } from '../../farm/identity.ts';
import type { Queryable } from '../connection/connection.ts';
import { keyOf } from './evaluated-job.ts';

/** A member of the newest evaluation. */
export type EvaluatedBuild = {
  readonly id: BuildId;
  readonly derivation: string;
  readonly finished: boolean;
};

export const readEvaluatedBuildsStatement = `
  select b.id, b.job, b.drvpath as "derivation", b.finished = 1 as "finished", o.name as "outputName",
    o.path as "outputPath"
  from jobsetevalmembers m join builds b on b.id = m.build
  left join lateral (
    select name, path from buildoutputs where build = b.id order by name collate "C" limit 1
  ) o on true
  where m.eval = (select max(e.id) from jobsetevals e where e.jobset_id = $1 and e.hasnewbuilds = 1)`;

/** The builds of the newest evaluation of a jobset that has any, by `keyOf`. */
export async function readEvaluatedBuilds(
  queryable: Queryable,
  jobset: JobsetId,
): Promise<Map<string, EvaluatedBuild>> {
  const rows = await queryable.query<EvaluatedBuild & Parameters<typeof keyOf>[0]>(
    readEvaluatedBuildsStatement,
    [jobset],
  );
  return new Map(
    rows.map((row) => [
      keyOf(row),
      { id: row.id, derivation: row.derivation, finished: row.finished },
    ]),
  );
}
