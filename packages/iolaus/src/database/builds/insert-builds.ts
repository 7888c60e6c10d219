import type { BuildId, JobsetId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import type { EvaluatedJob } from '../evaluations/evaluated-job.ts';
import { isToldPath } from '../schema/told-path.ts';

// Hydra's default of `meta.schedulingPriority`.
const defaultPriority = 100;

export const insertBuildsStatement = `
  insert into builds (finished, timestamp, jobset_id, job, nixname, description, drvpath, system, license, homepage,
    maintainers, maxsilent, timeout, ischannel, iscurrent, priority)
  select 0, $1::bigint, $2::int, n.job, n.nixname, n.description, n.drvpath, n.system, n.license, n.homepage, n.maintainers,
    n.maxsilent, n.timeout, n.ischannel, 1, n.priority
  from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
      $11::int[], $12::int[], $13::int[], $14::int[])
    with ordinality as n (job, nixname, description, drvpath, system, license, homepage, maintainers, maxsilent,
      timeout, ischannel, priority, position)
  order by n.position
  returning id`;

export const insertBuildOutputsStatement = `
  insert into buildoutputs (build, name, path)
  select * from unnest($1::int[], $2::text[], $3::text[]) as o (build, name, path)
  where ${isToldPath('buildoutputs')}`;

/** Queues a build for each job. Returns their ids, which grow in the order of the jobs. `now` in seconds. */
export async function insertBuilds(
  transaction: Transaction,
  { jobset, now }: { readonly jobset: JobsetId; readonly now: number },
  jobs: readonly EvaluatedJob[],
): Promise<BuildId[]> {
  if (jobs.length === 0) return [];
  const rows = await transaction.query<{ id: BuildId }>(insertBuildsStatement, [
    now,
    jobset,
    jobs.map(({ job }) => job),
    jobs.map(({ name }) => name),
    jobs.map(({ description }) => description),
    jobs.map(({ derivation }) => derivation),
    jobs.map(({ system }) => system),
    jobs.map(({ license }) => license.join(', ')),
    jobs.map(({ homepage }) => homepage),
    jobs.map(({ maintainers }) => maintainers.join(', ')),
    jobs.map(({ maxSilentSeconds }) => maxSilentSeconds),
    jobs.map(({ timeoutSeconds }) => timeoutSeconds),
    jobs.map(({ isChannel }) => Number(isChannel)),
    jobs.map(({ priority }) => priority ?? defaultPriority),
  ]);
  const ids = rows.map(({ id }) => id);
  const outputs = jobs.flatMap(({ outputs }, index) =>
    [...outputs].map(([name, path]) => ({ build: ids[index] ?? null, name, path })),
  );
  await transaction.query(insertBuildOutputsStatement, [
    outputs.map(({ build }) => build),
    outputs.map(({ name }) => name),
    outputs.map(({ path }) => path),
  ]);
  return ids;
}
