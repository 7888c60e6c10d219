import { checkBookkeeping } from './bookkeeping.ts';
import type { Builder } from '../builders/builder.ts';
import { countUnmet, inheritedBy } from '../attempts/inherited.ts';
import { stallsAt } from '../builders/builder-watch.ts';
import { checkEmergencies } from '../emergencies/check-emergencies.ts';
import type { FarmState } from '../farm-state.ts';
import type { Lease } from '../attempts/lease.ts';
import { takesStep } from '../queues/queue.ts';
import { canBuild } from '../graph/requirement.ts';
import { checkSelection } from '../selection/check-selection.ts';
import type { Step, StepState } from '../graph/step.ts';
import { whyWaiting } from '../explain/why-waiting.ts';

/** Takes note of what is wrong, if it is. */
export type Check = (holds: boolean, breach: () => string) => void;

/**
 * Looks at everything that the farm knows and names each promise that is broken; empty if all is well. Costs time in
 * proportion to what exists: for tests, simulations, and now and then.
 */
export function checkPromises(farm: FarmState): readonly string[] {
  const breaches: string[] = [];
  const check: Check = (holds, breach) => {
    if (!holds) breaches.push(breach());
  };
  checkNoStepLost(farm, check);
  checkOneOwner(farm, check);
  checkNoStarvation(farm, check);
  checkReasons(farm, check);
  checkTime(farm, check);
  checkBookkeeping(farm, check);
  checkSelection(farm, check);
  checkEmergencies(farm, check);
  return breaches;
}

/** Each step that an unfinished build needs is known, and in the place that its state names. */
function checkNoStepLost(farm: FarmState, check: Check): void {
  const needed = new Set<Step>();
  for (const { step } of farm.builds.values()) needed.add(step);
  for (const step of needed) for (const input of step.inputs) needed.add(input);
  for (const step of needed) {
    const { derivation } = step.facts;
    check(farm.steps.get(derivation) === step, () => `${derivation} is needed, but not known`);
    check(isInPlace(farm, step), () => `${derivation} is ${step.state.type}, but not in its place`);
  }
  check(needed.size === farm.steps.size, () => 'steps are kept that no build needs');
}

function isInPlace(farm: FarmState, step: Step): boolean {
  const { state } = step;
  const lease = state.type === 'leased' ? state.lease : undefined;
  const into = state.type === 'resolved' ? state.into : undefined;
  const until = state.type === 'backing-off' ? state.until : undefined;
  const isReady = step.inputs.size === 0;
  const places: Record<StepState['type'], boolean> = {
    waiting: !isReady,
    runnable: isReady,
    // An input can turn out to be missing while a builder has the step: that is for the builder to find.
    leased: lease !== undefined && farm.leases.get(lease.attempt) === lease,
    'backing-off': isReady,
    unfolding: isReady && farm.folded.has(step),
    resolved: step.inputs.values().some(({ facts }) => facts.derivation === into),
    finished: false,
  };
  return (
    places[state.type] &&
    step.queue.entries.has(step) === (state.type === 'runnable') &&
    farm.deadlines.of(step) === until
  );
}

/** A step has at most one live attempt, by a builder that is there, can build it, and has taken no more than it takes. */
function checkOneOwner(farm: FarmState, check: Check): void {
  const owned = new Set<Step>();
  for (const [attempt, lease] of farm.leases) {
    check(!owned.has(lease.step), () => `${lease.step.facts.derivation} has two live attempts`);
    owned.add(lease.step);
    check(attempt < farm.nextAttempt, () => `attempt ${attempt} will be given out again`);
    check(isOwner(farm, lease), () => `attempt ${attempt} is not that of ${lease.builder.id}`);
  }
  for (const builder of farm.builders.values()) {
    const { id, facts, leases, brought } = builder;
    const most = Math.max(facts.slots + facts.ahead, brought);
    const isUnlimited = builder.placement.capacity === 'Dynamic';
    check(isUnlimited || leases.size <= most, () => `${id} has more than it takes`);
    check(
      builder.unmet === countUnmet(inheritedBy(farm, id)),
      () => `${id} has slots that nobody has`,
    );
    check(!isForgotten(farm, builder), () => `nobody looks at what ${id} took ahead`);
    check(
      leases.values().every((lease) => farm.leases.has(lease.attempt)),
      () => `${id} keeps an attempt that is over`,
    );
  }
}

/** It has steps ahead, and nobody would notice if it never got to them. */
function isForgotten(farm: FarmState, builder: Builder): boolean {
  const at = stallsAt(builder);
  return at !== undefined && (farm.deadlines.of(builder) ?? Infinity) > at;
}

function isOwner(farm: FarmState, lease: Lease): boolean {
  const { step, builder } = lease;
  return (
    step.state.type === 'leased' &&
    step.state.lease === lease &&
    farm.builders.get(builder.id) === builder &&
    builder.leases.has(lease) &&
    (builder.awayUntil !== undefined || canBuild(builder.facts, step.queue.requirement))
  );
}

/** Nothing that is runnable waits while a builder that could build it has room. */
function checkNoStarvation(farm: FarmState, check: Check): void {
  for (const queue of farm.queues.values()) {
    const isFree = (builder: Builder) =>
      canBuild(builder.facts, queue.requirement) && takesStep(queue, builder);
    const free = farm.builders.values().find(isFree);
    check(
      queue.entries.size === 0 || free === undefined,
      () => `steps wait in ${queue.key} though ${free?.id} has room`,
    );
  }
}

/** Everything that waits can say why. */
function checkReasons(farm: FarmState, check: Check): void {
  for (const step of farm.steps.values()) {
    const why = whyWaiting(farm, step);
    const isReason =
      (why.type !== 'inputs' || why.inputs.length > 0) &&
      (why.type !== 'free-slot' || why.builders > 0);
    check(isReason, () => `${step.facts.derivation} cannot say why it waits`);
  }
}

/** Nothing is overdue, and the shell knows when to come again. */
function checkTime(farm: FarmState, check: Check): void {
  const earliest = farm.deadlines.earliest();
  if (earliest === undefined) return;
  check(earliest > farm.now, () => 'something is overdue');
  check(farm.wish === earliest, () => 'nobody will come when something is due');
}
