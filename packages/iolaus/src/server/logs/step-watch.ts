import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/connection.ts';
import { readStep } from '../../database/reads/read-step.ts';
import type { Changes } from '../changes/changes.ts';

// A notification may be missed; then the end of a step is seen this much later.
const askMilliseconds = 5_000;

/** Knows whether a step has ended, while `signal` lasts. `start` is false for a step that has ended already. */
export function watchStep(
  database: Database,
  changes: Changes,
  step: { readonly build: number; readonly number: number; readonly busy: boolean },
  signal: AbortSignal,
): { readonly hasEnded: () => boolean } {
  let ended = !step.busy;
  let wake = Promise.withResolvers<void>();
  const forget = changes.onChange((change) => {
    if (change.all || change.builds.includes(step.build)) wake.resolve();
  });
  const watch = async (): Promise<void> => {
    while (!ended && !signal.aborted) {
      await Promise.race([wake.promise, sleep(askMilliseconds, undefined, { signal, ref: false })]);
      wake = Promise.withResolvers();
      const row = await readStep(database, step.build, step.number);
      ended = row === null || row.busy === 0;
    }
  };
  // Left by its reader, or by the database: the reader is told of neither by this.
  void watch()
    .catch(() => {})
    .finally(forget);
  return { hasEnded: () => ended };
}
