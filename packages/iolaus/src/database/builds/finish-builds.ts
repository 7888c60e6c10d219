import type { BuildId } from '../../farm/identity.ts';
import type { Transaction } from '../connection/connection.ts';

/** How a build ended. Times in seconds, sizes in bytes. */
export type FinishedBuild = {
  readonly build: BuildId;
  readonly status: number;
  readonly startTime: number;
  readonly stopTime: number;
  readonly cached: boolean;
  /** Hydra's plugins are to hear of it, also those that are away now. */
  readonly notifies: boolean;
  readonly size: number | null;
  readonly closureSize: number | null;
  readonly releaseName: string | null;
};

/**
 * Builds finish once: rows that somebody else has finished stay as they are. Locked in the order of ids, as by all who
 * change several at once; the lock lets evaluations that are being recorded refer to the builds meanwhile. They are found
 * by their ids alone: asked for what is unfinished, too, a PostgreSQL that has not counted the queue yet reads all of it.
 */
export const finishBuildsStatement = `
  with ended as (
    select * from unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[], $8::text[], $9::bool[])
      as n (id, status, starttime, stoptime, cached, size, closuresize, releasename, notifies)
  ), locked as (
    select b.id, b.finished from builds b where b.id = any($1::int[]) order by b.id for no key update
  )
  update builds b set finished = 1, buildstatus = n.status, starttime = n.starttime, stoptime = n.stoptime,
    iscachedbuild = n.cached, size = n.size, closuresize = n.closuresize, releasename = n.releasename,
    notificationpendingsince = case when n.notifies then n.stoptime end
  from ended n join locked on locked.id = n.id and locked.finished = 0
  where b.id = n.id
  returning b.id`;

/**
 * Returns the builds whose rows were finished by this, in the order of ids. Takes time beyond proportion for more than some
 * ten thousand at once, since each of them changes the one row that counts them (`NrBuilds`).
 */
export async function finishBuilds(
  transaction: Transaction,
  builds: readonly FinishedBuild[],
): Promise<BuildId[]> {
  const rows = await transaction.query<{ id: BuildId }>(finishBuildsStatement, [
    builds.map(({ build }) => build),
    builds.map(({ status }) => status),
    builds.map(({ startTime }) => startTime),
    builds.map(({ stopTime }) => stopTime),
    builds.map(({ cached }) => Number(cached)),
    builds.map(({ size }) => size),
    builds.map(({ closureSize }) => closureSize),
    builds.map(({ releaseName }) => releaseName),
    builds.map(({ notifies }) => notifies),
  ]);
  return rows.map(({ id }) => id).toSorted((a, b) => a - b);
}
