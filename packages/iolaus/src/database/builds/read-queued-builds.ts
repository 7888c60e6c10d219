import type { BuildId } from '../../farm/identity.ts';
import type { Queryable } from '../connection/connection.ts';

/** What the row of a queued build says. Times in seconds; paths with the store directory. */
export type QueuedBuild = {
  readonly id: BuildId;
  readonly derivation: string;
  readonly jobset: number;
  readonly job: string;
  readonly timestamp: number;
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
  readonly localPriority: number;
  readonly globalPriority: number;
};

export const readQueuedBuildsStatement = `
  select id, drvpath as "derivation", jobset_id as "jobset", job, timestamp, maxsilent as "maxSilentSeconds",
    timeout as "timeoutSeconds", priority as "localPriority", globalpriority as "globalPriority"
  from builds where id = any($1::int[]) order by id`;

export async function readQueuedBuilds(
  database: Queryable,
  builds: readonly BuildId[],
): Promise<QueuedBuild[]> {
  return database.query<QueuedBuild>(readQueuedBuildsStatement, [builds]);
}
