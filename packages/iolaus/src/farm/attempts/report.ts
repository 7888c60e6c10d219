import { finishAttempt } from './attempt.ts';
import { watchPassedOver } from '../builders/builder-watch.ts';
import { clearFaults } from '../builders/builder-fault.ts';
import type { Event } from '../event.ts';
import { failAttempted } from './fail.ts';
import type { FarmState } from '../farm-state.ts';
import type { AttemptNumber } from '../identity.ts';
import type { Lease } from './lease.ts';
import type { AttemptFailure, StepOutcome } from '../outcome.ts';
import { loseAttempt, postpone } from './retry.ts';
import { acceptFound, acceptResult } from './succeed.ts';
import { noteTurnover } from '../builders/turnover.ts';

type Verdict = Extract<
  StepOutcome,
  'failed' | 'timed-out' | 'log-limit-exceeded' | 'output-limit-exceeded' | 'not-deterministic'
>;

/** The builder's verdict on a derivation; null is a fault of the farm, which is tried again. */
const verdicts: { readonly [Failure in AttemptFailure]: Verdict | null } = {
  'build-failed': 'failed',
  'transiently-failed': 'failed',
  'timed-out': 'timed-out',
  'log-limit-exceeded': 'log-limit-exceeded',
  'output-limit-exceeded': 'output-limit-exceeded',
  'not-deterministic': 'not-deterministic',
  'preparing-failed': null,
  'import-failed': null,
  'upload-failed': null,
  'post-processing-failed': null,
};

/** Nothing was built yet when that went wrong. */
const beforeBuilding = new Set<AttemptFailure>(['preparing-failed', 'import-failed']);

// Whatever comes under an attempt that is over finds no lease: it changes nothing.

export function noteBegun(farm: FarmState, attempt: AttemptNumber): void {
  const lease = farm.leases.get(attempt);
  if (lease === undefined) return;
  lease.hasBegun = true;
  watchPassedOver(farm, lease.builder);
}

export function receiveSuccess(farm: FarmState, event: Event<'attempt-succeeded'>): void {
  const lease = farm.leases.get(event.attempt);
  if (lease === undefined) return;
  noteTurnover(farm, lease.builder);
  acceptResult(farm, lease, event);
}

export function receiveFailure(farm: FarmState, event: Event<'attempt-failed'>): void {
  const lease = farm.leases.get(event.attempt);
  if (lease === undefined) return;
  noteTurnover(farm, lease.builder);
  const { message, times } = event;
  const verdict = verdicts[event.failure];
  if (verdict === null) {
    postpone(farm, lease, {
      message,
      times,
      builderAtFault: true,
      mayHaveBegun: !beforeBuilding.has(event.failure),
    });
  } else if (verdict === 'failed' && isTransient(lease, event)) {
    postpone(farm, lease, {
      message,
      times,
      builderAtFault: false,
      mayHaveBegun: true,
      finally: verdict,
    });
  } else acceptVerdict(farm, lease, verdict, event);
}

export function receiveUndelivered(farm: FarmState, attempt: AttemptNumber): void {
  const lease = farm.leases.get(attempt);
  if (lease !== undefined) loseAttempt(farm, lease, 'the builder was lost');
}

export function receiveDispatchFailure(farm: FarmState, event: Event<'dispatch-failed'>): void {
  const lease = farm.leases.get(event.attempt);
  if (lease === undefined) return;
  postpone(farm, lease, {
    message: event.message,
    times: null,
    builderAtFault: false,
    mayHaveBegun: false,
  });
}

export function receiveFound(farm: FarmState, event: Event<'step-found-built'>): void {
  const step = farm.steps.get(event.derivation);
  if (step !== undefined) acceptFound(farm, step, event.result);
}

/** The daemon says so, or the derivation's author said that this exit code means: try later. */
function isTransient({ step }: Lease, { failure, exitCode }: Event<'attempt-failed'>): boolean {
  return (
    failure === 'transiently-failed' ||
    (exitCode !== undefined && step.facts.wishes?.transientExitCodes?.includes(exitCode) === true)
  );
}

/** It would fail the same way again. So Hydra's first runner had it; what was too slow may be quicker next time. */
function isLasting({ step }: Lease, outcome: Verdict): boolean {
  return (
    (outcome === 'failed' || outcome === 'not-deterministic') && step.facts.isFixedOutput !== true
  );
}

function acceptVerdict(
  farm: FarmState,
  lease: Lease,
  outcome: Verdict,
  { message, times }: Event<'attempt-failed'>,
): void {
  // A builder that comes to a verdict works.
  clearFaults(farm, lease.builder);
  finishAttempt(farm, lease, { outcome, message, times });
  if (isLasting(lease, outcome)) {
    const { facts: step } = lease.step;
    farm.effects.push({ type: 'remember-failure', step, failedAt: farm.now });
  }
  failAttempted(farm, lease, { outcome, message });
}
