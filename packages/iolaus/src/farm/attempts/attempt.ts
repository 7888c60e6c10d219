import type { FarmState } from '../farm-state.ts';
import type { AttemptTimes, BuildResult } from '../facts.ts';
import { jobsetsOf } from '../queues/demand.ts';
import type { Lease } from './lease.ts';
import type { StepOutcome } from '../outcome.ts';

/** How an attempt ended, as far as somebody reported. */
export type AttemptEnd = {
  readonly outcome: StepOutcome;
  readonly message?: string;
  readonly times?: AttemptTimes | null;
  readonly result?: BuildResult;
};

/** Has the end of the attempt recorded. Its lease ends when its step changes. */
export function finishAttempt(farm: FarmState, lease: Lease, end: AttemptEnd): void {
  farm.effects.push({
    type: 'finish-attempt',
    attempt: lease.attempt,
    derivation: lease.step.facts.derivation,
    build: lease.build,
    jobsets: jobsetsOf(lease.step),
    outcome: end.outcome,
    message: end.message ?? null,
    stoppedAt: farm.now,
    times: end.times ?? null,
    result: end.result ?? null,
  });
}

/** Stops what nobody needs any more. */
export function cancelLease(farm: FarmState, lease: Lease): void {
  cancelWith(farm, lease, { outcome: 'cancelled' });
}

/** Stops the attempt; its row tells why. */
export function cancelWith(farm: FarmState, lease: Lease, end: AttemptEnd): void {
  farm.effects.push({ type: 'abort-attempt', attempt: lease.attempt, builder: lease.builder.id });
  finishAttempt(farm, lease, end);
}
