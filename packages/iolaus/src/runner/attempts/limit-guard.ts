import { every } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { AttemptFailure } from '../../farm/outcome.ts';
import type { Attempts, LiveAttempt } from './attempts.ts';

/** How long builders may take to keep the limits themselves, and how often somebody looks. */
export type GuardPace = { readonly graceMilliseconds: number; readonly lookMilliseconds: number };

const usualPace: GuardPace = {
  // Builders give the daemon a minute of grace. One that has not stopped a build by then will not.
  graceMilliseconds: 120_000,
  // A limit of hours need not be kept to the second.
  lookMilliseconds: 10_000,
};

/** Ends attempts that builders let run beyond their limits. Returns how to stop. */
export function guardLimits(options: {
  readonly attempts: Attempts;
  readonly clock: Clock;
  /** A builder that is away is not heard, and not held to its limits. */
  readonly isConnected: (attempt: LiveAttempt) => boolean;
  readonly fail: (attempt: LiveAttempt, failure: AttemptFailure, message: string) => void;
  readonly pace?: GuardPace | undefined;
}): Disposable {
  const { attempts, clock, isConnected, fail, pace = usualPace } = options;
  const look = (): void => {
    const now = clock.now() - pace.graceMilliseconds;
    for (const live of attempts.values().filter((one) => one.phase === 'building')) {
      if (!isConnected(live)) live.heardAt = Math.max(live.heardAt, clock.now());
      else {
        const message = whatExpired(live, now);
        if (message !== null) fail(live, 'timed-out', message);
      }
    }
  };
  return { [Symbol.dispose]: every(clock, pace.lookMilliseconds, look) };
}

function whatExpired(live: LiveAttempt, now: number): string | null {
  const { timeoutSeconds, maxSilentSeconds, heardAt } = live;
  const begunAt = live.buildingSince ?? now;
  const isOver = (seconds: number, since: number): boolean =>
    seconds > 0 && now - since > 1_000 * seconds;
  if (isOver(timeoutSeconds, begunAt)) return `timed out after ${timeoutSeconds} seconds`;
  if (isOver(maxSilentSeconds, Math.max(begunAt, heardAt))) {
    return `timed out after ${maxSilentSeconds} seconds of silence`;
  }
  return null;
}
