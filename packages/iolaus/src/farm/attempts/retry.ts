import { finishAttempt } from './attempt.ts';
import { noteFault } from '../builders/builder-fault.ts';
import { failAttempted } from './fail.ts';
import type { FarmState } from '../farm-state.ts';
import type { AttemptTimes } from '../facts.ts';
import { settleStep } from '../graph/graph.ts';
import { instant } from '../identity.ts';
import { jitterOf } from './jitter.ts';
import type { Lease } from './lease.ts';
import { joinQueue, leaveQueue } from '../queues/queue.ts';
import { planRetry } from './retry-plan.ts';
import type { Step } from '../graph/step.ts';
import { changeStep } from '../graph/step-state.ts';

/** Losses of a builder that cost a step no time: a builder that restarts, and one that stepped in for it. */
const lossesForFree = 2;
/** A step that takes its builders down with it must not do so all day; an hour is short beside repairing one. */
const lostBackOffSecondsMax = 3600;
/** Longer than that nobody would call it a retry, whatever the settings multiply to. */
const backOffSecondsMax = 24 * 3600;

/** Why an attempt came to nothing, although its step could do well. */
type Mishap = {
  readonly message: string;
  readonly times: AttemptTimes | null;
  /** False where the builder had no part in it. */
  readonly builderAtFault: boolean;
  /** Whether the build itself had its chance to do something. */
  readonly mayHaveBegun: boolean;
  /** How it ends after the last try; the farm's own faults abort. */
  readonly finally?: 'failed';
};

/** The attempt came to nothing through no fault of the step: it is tried again later, but not for ever. */
export function postpone(farm: FarmState, lease: Lease, mishap: Mishap): void {
  const { step, builder } = lease;
  const { maxTries, retryIntervalSeconds } = farm.settings;
  const { message, times } = mishap;
  const isLast = step.tries + 1 >= maxTries || (mishap.mayHaveBegun && forbidsRetries(step));
  const outcome = isLast ? (mishap.finally ?? 'aborted') : 'aborted';
  finishAttempt(farm, lease, { outcome, message, times });
  if (mishap.builderAtFault) noteFault(farm, lease);
  step.tries += 1;
  if (isLast) {
    failAttempted(farm, lease, { outcome, message });
    return;
  }
  const seconds = backOffSeconds(farm, retryIntervalSeconds, step.tries - 1, backOffSecondsMax);
  rest(farm, step, seconds);
  avoidHost(farm, step, builder.facts.hostname);
  settleStep(farm, step);
}

/** The builder is gone. That is never held against the step: it waits only if it happens again and again. */
export function loseAttempt(farm: FarmState, lease: Lease, message: string): void {
  // The end of another attempt may have ended this one as well.
  if (farm.leases.get(lease.attempt) !== lease) return;
  const { step } = lease;
  finishAttempt(farm, lease, { outcome: 'aborted', message });
  step.losses += 1;
  if (forbidsRetries(step)) {
    failAttempted(farm, lease, { outcome: 'aborted', message });
    return;
  }
  if (step.losses <= lossesForFree) {
    planRetry(farm, step, farm.now);
    changeStep(farm, step, 'returned', { type: 'runnable', since: farm.now });
  } else {
    const repeated = step.losses - lossesForFree - 1;
    const { retryIntervalSeconds } = farm.settings;
    rest(farm, step, backOffSeconds(farm, retryIntervalSeconds, repeated, lostBackOffSecondsMax));
  }
  settleStep(farm, step);
}

function forbidsRetries({ facts }: Step): boolean {
  return facts.wishes?.neverRetry === true;
}

/** The step has rested. */
export function endBackOff(farm: FarmState, step: Step): void {
  changeStep(farm, step, 'back-off-ended', { type: 'runnable', since: farm.now });
}

function avoidHost(farm: FarmState, step: Step, hostname: string): void {
  const { queue } = step;
  if (queue.avoided.includes(hostname)) return;
  step.queue = joinQueue(farm, queue.requirement, [...queue.avoided, hostname].sort());
  leaveQueue(farm, queue);
}

/** Hydra's back-off: the interval, multiplied each time, in whole seconds. */
function backOffSeconds(farm: FarmState, interval: number, repeated: number, most: number): number {
  return Math.min(Math.trunc(interval * farm.settings.retryBackoff ** repeated), most);
}

function rest(farm: FarmState, step: Step, seconds: number): void {
  const longer = (farm.settings.retryJitter ?? 0) * jitterOf(step.facts.derivation, step.tries);
  const until = instant(farm.now + Math.round(1000 * seconds * (1 + longer)));
  planRetry(farm, step, until);
  changeStep(farm, step, 'postponed', { type: 'backing-off', until });
}
