import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database/connection.ts';
import { readWatchedBuilds } from '../database/read-watched-builds.ts';
import { buildOutcomeOf } from '../database/status.ts';
import type { BuildId } from '../farm/identity.ts';
import type { WatchedBuild } from './farm-picture.ts';

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
  let hint = Promise.withResolvers<void>();
  const wake = (): void => hint.resolve();
  const listener = await database.listen(['build_finished', 'builds_cancelled'], wake, wake);
  signal.addEventListener('abort', wake);
  try {
    const finished = new Map<number, WatchedBuild>();
    while (!signal.aborted) {
      hint = Promise.withResolvers();
      const open = builds.filter((id) => !finished.has(id));
      const states = (await readWatchedBuilds(database, open)).map(watchedBuild);
      for (const state of states) if (state.outcome !== null) finished.set(state.id, state);
      const unfinished = states.filter(({ outcome }) => outcome === null);
      onChange([...finished.values(), ...unfinished]);
      if (unfinished.length === 0) return;
      await Promise.race([
        hint.promise,
        sleep(lookMilliseconds, undefined, { signal, ref: false }),
      ]).catch(() => {});
      await sleep(Math.min(unfinished.length * restMillisecondsPerBuild, restMillisecondsMax));
    }
  } finally {
    signal.removeEventListener('abort', wake);
    await listener.close();
  }
}

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
