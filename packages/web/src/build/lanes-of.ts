import { secondsOf } from '../api/v2.ts';
import type { Step } from '../api/v2.ts';

/** How many of the steps were under way at once, at most; one that ended as another began was not beside it. */
export function lanesOf(steps: readonly Pick<Step, 'startedAt' | 'stoppedAt'>[]): number {
  const turns = steps.flatMap(({ startedAt, stoppedAt }) => [
    ...(startedAt === null ? [] : [{ at: secondsOf(startedAt), change: 1 }]),
    ...(startedAt === null || stoppedAt === null ? [] : [{ at: secondsOf(stoppedAt), change: -1 }]),
  ]);
  turns.sort((one, other) => one.at - other.at || one.change - other.change);
  let beside = 0;
  let most = 0;
  for (const { change } of turns) {
    beside += change;
    most = Math.max(most, beside);
  }
  return most;
}
