import { cancelLease } from './attempt.ts';
import type { Build } from '../graph/build.ts';
import { endBuild, inOrder } from '../graph/end-build.ts';
import type { FarmState } from '../farm-state.ts';
import { stepsAbove, unlinkStep } from '../graph/graph.ts';
import type { BuildId, Instant } from '../identity.ts';
import type { BuildOutcome, StepOutcome } from '../outcome.ts';
import type { Lease } from './lease.ts';
import { ownSteps } from '../graph/resolution.ts';
import type { Step } from '../graph/step.ts';
import { changeStep } from '../graph/step-state.ts';

/** How a step ended for good without outputs. */
export type Failure = {
  readonly change: 'failed' | 'failed-before' | 'unsupported' | 'unfolding-failed';
  readonly outcome: Exclude<StepOutcome, 'succeeded' | 'cancelled'>;
  readonly message: string | null;
  readonly hostname: string;
  /** The build that has the attempt's row; null if there was no attempt. */
  readonly charged: BuildId | null;
  /** The build whose step failed, for the rows of the others; null if nobody knows. */
  readonly propagatedFrom: BuildId | null;
  readonly startedAt: Instant;
};

/** Ends every build above the step, with a row for each that has none yet, and withdraws what only they needed. */
export function failStep(farm: FarmState, step: Step, failure: Failure): void {
  const above = stepsAbove(step);
  const own = ownSteps(step);
  const builds = originFirst(failure, inOrder(above.values().flatMap((next) => next.builds)));
  for (const next of above)
    finishFailed(farm, next, next === step ? failure.change : 'input-failed');
  for (const build of builds) {
    if (build.facts.id !== failure.charged) recordFailure(farm, step, build, failure);
    failBuild(farm, build, failure, own.has(build.step));
  }
  for (const next of above) unlinkStep(farm, next);
  for (const build of builds) endBuild(farm, build);
}

/** The build whose step failed comes first: notifications name the others as failing because of it. */
function originFirst(
  { charged, propagatedFrom }: Failure,
  builds: readonly Build[],
): readonly Build[] {
  const origin = charged ?? propagatedFrom;
  const rank = ({ facts }: Build): number => (facts.id === origin ? 0 : 1);
  return builds.toSorted((one, other) => rank(one) - rank(other));
}

/** The attempt under a lease was the last: its step has failed where it was. */
export function failAttempted(
  farm: FarmState,
  lease: Lease,
  { outcome, message }: Pick<Failure, 'outcome' | 'message'>,
): void {
  failStep(farm, lease.step, {
    change: 'failed',
    outcome,
    message,
    hostname: lease.builder.facts.hostname,
    charged: lease.build,
    propagatedFrom: farm.builds.has(lease.build) ? lease.build : null,
    startedAt: lease.startedAt,
  });
}

function finishFailed(
  farm: FarmState,
  step: Step,
  change: Failure['change'] | 'input-failed',
): void {
  if (change === 'input-failed' && step.state.type === 'leased')
    cancelLease(farm, step.state.lease);
  changeStep(farm, step, change, { type: 'finished' });
}

function recordFailure(farm: FarmState, step: Step, build: Build, failure: Failure): void {
  const { id } = build.facts;
  const { outcome, message, hostname, propagatedFrom } = failure;
  farm.effects.push({
    type: 'record-failure',
    build: id,
    step: step.facts,
    outcome,
    message,
    hostname,
    propagatedFrom: propagatedFrom === id ? null : propagatedFrom,
  });
}

/** `isOwn`: the step that failed is the build's own. */
function failBuild(farm: FarmState, build: Build, failure: Failure, isOwn: boolean): void {
  farm.effects.push({
    type: 'fail-build',
    build: build.facts.id,
    outcome: buildOutcome(failure.outcome, isOwn),
    cached: failure.outcome === 'cached-failure',
    unreadable: false,
    startedAt: failure.startedAt,
    stoppedAt: farm.now,
  });
}

/** Hydra's rule: only a plain failure becomes "dependency failed" further up; any other outcome is told as it is. */
function buildOutcome(
  outcome: Failure['outcome'],
  isOwn: boolean,
): Exclude<BuildOutcome, 'succeeded' | 'failed-with-output'> {
  if (outcome !== 'failed' && outcome !== 'cached-failure') return outcome;
  return isOwn ? 'failed' : 'dependency-failed';
}
