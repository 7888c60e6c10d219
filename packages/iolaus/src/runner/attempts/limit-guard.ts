import { every } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { AttemptFailure } from '../../farm/outcome.ts';
import type { Attempts, LiveAttempt } from './attempts.ts';

// Builders keep the limits themselves, and give the daemon a minute of grace. One that has not stopped a build by then
// will not.
const graceMilliseconds = 120_000;
// A limit of hours need not be kept to the second.
const lookMilliseconds = 10_000;

/** Ends attempts that builders let run beyond their limits. Returns how to stop. */
export function guardLimits(options: {
  readonly attempts: Attempts;
  readonly clock: Clock;
  /** A builder that is away cannot be heard. */
  readonly isConnected: (attempt: LiveAttempt) => boolean;
  readonly fail: (attempt: LiveAttempt, failure: AttemptFailure, message: string) => void;
  readonly pace?: { readonly graceMilliseconds: number; readonly lookMilliseconds: number };
}): Disposable {
  const { attempts, clock, isConnected, fail } = options;
  const pace = options.pace ?? { graceMilliseconds, lookMilliseconds };
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
  const { timeoutSeconds, maxSilentSeconds, phaseSince, heardAt } = live;
  const isOver = (seconds: number, since: number): boolean =>
    seconds > 0 && now - since > 1_000 * seconds;
  if (isOver(timeoutSeconds, phaseSince)) return `timed out after ${timeoutSeconds} seconds`;
  if (isOver(maxSilentSeconds, Math.max(phaseSince, heardAt))) {
    return `timed out after ${maxSilentSeconds} seconds of silence`;
  }
  return null;
}
