import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/connection/connection.ts';
import { readWatchedBuilds } from '../../database/builds/read-watched-builds.ts';
import { buildOutcomeOf } from '../../database/status.ts';
import type { BuildId } from '../../farm/identity.ts';
import type { WatchedBuild } from '../up/farm-picture.ts';

// Without a notification the rows are looked at this often: a notification is only a hint.
const lookMilliseconds = 2_000;
// And with many notifications not more often than this: the eye does not follow faster. When few builds are left, whoever
// waits wants to know sooner, and looking costs less.
const restMillisecondsMax = 150;
const restMillisecondsPerBuild = 0.5;

/**
 * Follows builds until all are finished: calls `onChange` with all of them whenever something may have changed.
 * Resolves early when the signal aborts.
 */
export async function watchBuilds(
  database: Database,
  builds: readonly BuildId[],
  onChange: (builds: readonly WatchedBuild[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const open = new Set<number>(builds);
  let named = new Set<number>(builds);
  let hint = Promise.withResolvers<void>();
  const wake = (): void => hint.resolve();
  const lookAt = (some: Iterable<number>): void => {
    for (const build of some) if (open.has(build)) named.add(build);
    if (named.size > 0) wake();
  };
  const lookAtAll = (): void => lookAt(open);
  const listener = await database.listen(
    ['build_finished', 'builds_cancelled'],
    (channel, payload) => lookAt(channel === 'build_finished' ? buildsIn(payload) : open),
    lookAtAll,
  );
  signal.addEventListener('abort', wake);
  try {
    const states = new Map<number, WatchedBuild>();
    while (!signal.aborted) {
      const looked = named;
      named = new Set();
      hint = Promise.withResolvers();
      const rows = await readWatchedBuilds(database, [...looked]);
      for (const row of rows) states.set(row.id, watchedBuild(row));
      for (const row of rows) if (!row.finished) looked.delete(row.id);
      // Finished, or deleted.
      for (const build of looked) open.delete(build);
      onChange([...states.values()]);
      if (open.size === 0) return;
      const timer = setTimeout(lookAtAll, lookMilliseconds);
      await hint.promise;
      clearTimeout(timer);
      await sleep(Math.min(open.size * restMillisecondsPerBuild, restMillisecondsMax));
    }
  } finally {
    signal.removeEventListener('abort', wake);
    await listener.close();
  }
}

/** What finished, and what finished with it. */
const buildsIn = (payload: string): number[] => payload.split('\t').map(Number);

type Row = Awaited<ReturnType<typeof readWatchedBuilds>>[number];

function watchedBuild({ id, job, finished, status, startTime, stopTime }: Row): WatchedBuild {
  return {
    id,
    attribute: job,
    outcome: finished && status !== null ? buildOutcomeOf(status) : null,
    startedAt: startTime === null ? null : startTime * 1_000,
    stoppedAt: stopTime === null ? null : stopTime * 1_000,
  };
}
