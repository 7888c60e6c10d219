import type { BuildId, JobsetId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';
import { insertBuildOutputsStatement } from './insert-builds.ts';

/** A derivation that somebody wants built by hand. */
export type DebugBuild = {
  readonly jobset: JobsetId;
  /** With the store directory. */
  readonly derivation: string;
  readonly system: string;
  readonly outputs: ReadonlyMap<string, string | null>;
  /** Seconds since the epoch. */
  readonly now: number;
};

// As Hydra's runner queues them: two hours of silence, ten hours in all, the priority of an ordinary job.
export const insertDebugBuildStatement = `
  insert into builds (finished, timestamp, jobset_id, job, nixname, drvpath, system, maxsilent, timeout, ischannel,
    iscurrent, priority, globalpriority)
  select 0, $2::bigint, id, 'debug', 'debug', $3, $4, 7200, 36000, 0, 0, 100, 0 from jobsets where id = $1
  returning id`;

/**
 * Queues it as the job `debug` of a jobset; null where there is no such jobset. Besides Hydra's row it has its outputs,
 * so that their paths are recorded like those of any build.
 */
export async function insertDebugBuild(
  transaction: Transaction,
  { jobset, derivation, system, outputs, now }: DebugBuild,
): Promise<BuildId | null> {
  const rows = await transaction.query<{ id: BuildId }>(insertDebugBuildStatement, [
    jobset,
    now,
    derivation,
    system,
  ]);
  const build = rows[0]?.id;
  if (build === undefined) return null;
  await transaction.query(insertBuildOutputsStatement, [
    [...outputs.keys()].map(() => build),
    [...outputs.keys()],
    [...outputs.values()],
  ]);
  return build;
}
