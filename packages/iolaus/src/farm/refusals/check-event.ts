import type { DerivationPath } from '@iolaus/nix';
import {
  absurd,
  absurdInteger,
  checkFacts,
  checkHealth,
  checkPlan,
  checkSettings,
  checkTimes,
  checkUse,
  checkWait,
  no,
} from './check-amounts.ts';
import { findCircle } from '../graph/circle.ts';
import type { Emergency } from '../emergencies/emergency-priority.ts';
import type { FarmEvent } from '../event.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuildFacts, StepFacts } from '../facts.ts';
import type { AttemptNumber, BuildId, BuilderId } from '../identity.ts';
import type { InheritedAttempt } from '../attempts/inherited.ts';
import type { Produced } from '../graph/unfold.ts';
import type { Resolved } from '../graph/resolve.ts';
import type { Refusal } from './refusal.ts';

/** Why the event makes no sense; null if it does. Costs as much as the event is long. */
export function findRefusal(farm: FarmState, event: FarmEvent): Refusal | null {
  switch (event.type) {
    case 'builds-queued':
      return (
        first(event.builds, (build) => checkBuild(farm, build)) ??
        first(event.steps, (step) => checkStep(farm, step)) ??
        checkCircle(farm, event.steps)
      );
    case 'build-found-built':
    case 'build-unreadable':
      return checkBuild(farm, event.build);
    case 'build-reprioritised':
      return checkKnownBuild(farm, event.build) ?? absurdInteger('priority', event.globalPriority);
    case 'emergency-declared':
      return checkEmergency(farm, event.emergency);
    case 'build-withdrawn':
      return checkKnownBuild(farm, event.build);
    case 'jobset-seen':
      return absurd('shares', event.shares) ?? absurd('used seconds', event.usedSeconds);
    case 'builder-joined':
    case 'builder-rejoined':
      return checkFacts(event.builder, event.facts);
    case 'builder-pinged':
      return checkKnownBuilder(farm, event.builder) ?? checkHealth(event.health);
    case 'builder-left':
      return checkKnownBuilder(farm, event.builder);
    case 'builder-away':
      return checkKnownBuilder(farm, event.builder) ?? checkWait(farm, 'absence', event.until);
    case 'attempts-inherited':
      return first(event.attempts, (inherited) => checkInherited(farm, inherited));
    case 'attempt-begun':
    case 'attempt-undelivered':
    case 'dispatch-failed':
      return checkAttempt(farm, event.attempt);
    case 'attempt-succeeded':
      return checkAttempt(farm, event.attempt) ?? checkTimes(event.times) ?? checkUse(event.use);
    case 'attempt-failed':
      return checkAttempt(farm, event.attempt) ?? checkTimes(event.times);
    case 'step-resolved':
      return checkResolved(farm, event.resolved);
    case 'step-unfolded':
      return checkUnfolded(farm, event.produced);
    case 'unfolding-failed':
      return checkUnfolding(farm, event.derivation);
    case 'step-found-built':
      return farm.steps.has(event.derivation)
        ? null
        : no('unknown-step', `no unfinished build needs ${event.derivation}`);
    case 'settings-changed':
      return checkSettings(event.settings);
    default:
      return null;
  }
}

function checkBuild(farm: FarmState, build: BuildFacts): Refusal | null {
  const { id, derivation, jobset } = build;
  const known = farm.builds.get(id)?.facts;
  if (known !== undefined && (known.derivation !== derivation || known.jobset !== jobset)) {
    return no('id-reused', `build ${id} is ${known.derivation}, and not ${derivation}`);
  }
  return (
    absurdInteger(`global priority of build ${id}`, build.globalPriority) ??
    absurdInteger(`local priority of build ${id}`, build.localPriority) ??
    absurd(`silence allowed to build ${id}`, build.maxSilentSeconds ?? 0) ??
    absurd(`time allowed to build ${id}`, build.timeoutSeconds ?? 0)
  );
}

function checkStep(farm: FarmState, facts: StepFacts): Refusal | null {
  const { derivation, system, requiredFeatures, retryPlan, wishes } = facts;
  if (system === '') return no('no-system', `${derivation} says no system`);
  const malformed = requiredFeatures.find((feature) => /^$|\s/.test(feature));
  if (malformed !== undefined) {
    return no(
      'malformed-feature',
      `${derivation} requires the feature ${JSON.stringify(malformed)}`,
    );
  }
  const known = farm.steps.get(derivation)?.facts;
  if (known !== undefined && known.system !== system) {
    return no('id-reused', `${derivation} is for ${known.system}, and not for ${system}`);
  }
  return (
    absurd(`memory in gigabytes that ${derivation} asks for`, (wishes?.memoryBytes ?? 0) / 1e9) ??
    checkPlan(farm, retryPlan)
  );
}

function checkCircle(farm: FarmState, steps: readonly StepFacts[]): Refusal | null {
  const circle = findCircle(farm, steps);
  return circle === null ? null : no('circle', `${circle} would need itself`);
}

function checkResolved(farm: FarmState, { derivation, into, steps, result }: Resolved) {
  const isKnown = farm.steps.has(into) || steps.some((step) => step.derivation === into);
  if (result === null && !isKnown) {
    return no('unknown-step', `${into} is neither built nor to be built`);
  }
  return checkUnfolded(farm, { derivation, inputs: [into], steps });
}

function checkUnfolding(farm: FarmState, derivation: DerivationPath): Refusal | null {
  return farm.steps.get(derivation)?.state.type === 'unfolding'
    ? null
    : no('unknown-step', `nobody asked what the inputs of ${derivation} produced`);
}

function checkUnfolded(
  farm: FarmState,
  { derivation, inputs, steps }: Omit<Produced, 'unfoldsAgain'>,
): Refusal | null {
  const facts = farm.steps.get(derivation)?.facts;
  if (facts === undefined) return checkUnfolding(farm, derivation);
  return (
    checkUnfolding(farm, derivation) ??
    first(steps, (step) => checkStep(farm, step)) ??
    checkCircle(farm, [...steps, { ...facts, inputs }])
  );
}

function checkInherited(farm: FarmState, { attempt, derivation }: InheritedAttempt) {
  const owner = farm.leases.get(attempt)?.step.facts.derivation;
  if (owner !== undefined) {
    return no('id-reused', `attempt ${attempt} is at ${owner}, and not at ${derivation}`);
  }
  return absurdInteger('attempt number', attempt);
}

function checkAttempt(farm: FarmState, attempt: AttemptNumber): Refusal | null {
  if (farm.leases.has(attempt)) return null;
  return attempt >= farm.nextAttempt || !(attempt >= farm.firstAttempt)
    ? no('unknown-attempt', `there never was an attempt ${attempt}`)
    : no('attempt-over', `attempt ${attempt} is over`);
}

function checkKnownBuild(farm: FarmState, id: BuildId): Refusal | null {
  return farm.builds.has(id) ? null : no('unknown-build', `there is no unfinished build ${id}`);
}

function checkEmergency(farm: FarmState, { subject }: Emergency): Refusal | null {
  if (subject.type === 'build') return checkKnownBuild(farm, subject.build);
  const { evaluation } = subject;
  return farm.builds.values().some(({ facts }) => facts.evaluation === evaluation)
    ? null
    : no('unknown-evaluation', `no unfinished build belongs to evaluation ${evaluation}`);
}

function checkKnownBuilder(farm: FarmState, id: BuilderId): Refusal | null {
  return farm.builders.has(id) ? null : no('unknown-builder', `no builder ${id} has joined`);
}

function first<Item>(
  items: readonly Item[],
  check: (item: Item) => Refusal | null,
): Refusal | null {
  for (const item of items) {
    const refusal = check(item);
    if (refusal !== null) return refusal;
  }
  return null;
}
