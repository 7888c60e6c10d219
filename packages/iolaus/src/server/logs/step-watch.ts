import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/connection/connection.ts';
import { readStep } from '../../database/reads/read-step.ts';
import type { StepEnds } from './step-ends.ts';

// A notification may be missed; then the end of a step is seen this much later.
const askMilliseconds = 5_000;

/** Knows whether a step has ended, until `signal` is aborted. */
export function watchStep(
  database: Database,
  stepEnds: StepEnds,
  step: { readonly build: number; readonly number: number; readonly busy: boolean },
  signal: AbortSignal,
): { readonly hasEnded: () => boolean } {
  let ended = !step.busy;
  let wake = Promise.withResolvers<void>();
  const forget = stepEnds.onEnd((ended) => {
    if (ended === 'any' || ended.has(step.build)) wake.resolve();
  });
  const watch = async (): Promise<void> => {
    while (!ended && !signal.aborted) {
      wake = Promise.withResolvers();
      ended = await hasEndedNow(database, step);
      if (!ended) await Promise.race([wake.promise, sleep(askMilliseconds, undefined, { signal })]);
    }
  };
  // It stops when its reader leaves; there is nobody to tell.
  void watch()
    .catch(() => {})
    .finally(forget);
  return { hasEnded: () => ended };
}

async function hasEndedNow(
  database: Database,
  { build, number }: { readonly build: number; readonly number: number },
): Promise<boolean> {
  try {
    const row = await readStep(database, build, number);
    return row === null || row.busy === 0;
  } catch {
    // The database is away: it is asked again.
    return false;
  }
}
