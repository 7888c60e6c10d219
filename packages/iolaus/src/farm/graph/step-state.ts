import type { Builder } from '../builders/builder.ts';
import { watchAhead } from '../builders/builder-watch.ts';
import type { FarmState } from '../farm-state.ts';
import { startCharging, stopCharging } from '../queues/jobset.ts';
import type { Lease } from '../attempts/lease.ts';
import { leaveQueue, refreshFitness, refreshLoad } from '../queues/queue.ts';
import { dequeue, enqueue } from '../queues/rank.ts';
import { dropRetryPlan } from '../attempts/retry-plan.ts';
import { endNeed } from '../selection/evaluation.ts';
import type { Step, StepState } from './step.ts';

type StateName = StepState['type'];
type Edges = { readonly from: readonly StateName[]; readonly to: StateName };

/** All that can happen to a step: from which states, and what it is afterwards. There are no other ways. */
export const stepChanges = {
  /** Its last missing input is there, or it had none. */
  'inputs-built': { from: ['waiting'], to: 'runnable' },
  /** An input that was thought to be there is not. */
  'input-missed': { from: ['runnable', 'backing-off', 'unfolding'], to: 'waiting' },
  /** All inputs are built, and some of them produced derivations. */
  'inputs-produced': { from: ['waiting'], to: 'unfolding' },
  /** What was produced is known: it may have to be built first. */
  unfolded: { from: ['unfolding'], to: 'waiting' },
  'unfolding-failed': { from: ['unfolding'], to: 'finished' },
  dispatched: { from: ['runnable'], to: 'leased' },
  /** A builder has it since before the farm began. */
  'taken-back': { from: ['runnable'], to: 'leased' },
  /** With the paths of its inputs it is another derivation. */
  resolved: { from: ['unfolding'], to: 'resolved' },
  /** It was another derivation before the farm began. */
  'resolution-remembered': { from: ['waiting'], to: 'resolved' },
  /** That one was built. */
  'resolution-built': { from: ['resolved'], to: 'finished' },
  /** Its builder was lost, or does not get to it; it may go to another one at once. */
  returned: { from: ['leased'], to: 'runnable' },
  /** Its builder is wanted for an emergency. */
  preempted: { from: ['leased'], to: 'runnable' },
  /** The attempt came to nothing through no fault of the step. */
  postponed: { from: ['leased'], to: 'backing-off' },
  /** It was tried in vain before the farm began. */
  'rest-remembered': { from: ['waiting'], to: 'backing-off' },
  'back-off-ended': { from: ['backing-off'], to: 'runnable' },
  succeeded: { from: ['leased'], to: 'finished' },
  /** Its outputs turned up without an attempt. */
  'found-built': {
    from: ['waiting', 'runnable', 'backing-off', 'unfolding', 'resolved'],
    to: 'finished',
  },
  /** The builder's verdict, or one try too many. */
  failed: { from: ['leased'], to: 'finished' },
  'failed-before': { from: ['waiting'], to: 'finished' },
  unsupported: { from: ['runnable'], to: 'finished' },
  'input-failed': { from: ['waiting', 'leased', 'resolved'], to: 'finished' },
  /** No unfinished build needs it any more. */
  withdrawn: {
    from: ['waiting', 'runnable', 'leased', 'backing-off', 'unfolding', 'resolved'],
    to: 'finished',
  },
} as const satisfies Record<string, Edges>;

export type StepChange = keyof typeof stepChanges;
type StateAfter<Change extends StepChange> = Extract<
  StepState,
  { readonly type: (typeof stepChanges)[Change]['to'] }
>;

/** The only way in which a step's state changes; whatever follows from where a step is, is put right here. */
export function changeStep<Change extends StepChange>(
  farm: FarmState,
  step: Step,
  change: Change,
  next: StateAfter<Change>,
): void {
  const { from }: Edges = stepChanges[change];
  if (!from.includes(step.state.type)) {
    throw new Error(`${step.facts.derivation} is ${step.state.type}: it cannot be ${change}`);
  }
  leaveState(farm, step);
  step.state = next;
  enterState(farm, step);
  farm.changes.set(change, (farm.changes.get(change) ?? 0) + 1);
}

/** A step that was not known before: it waits until its inputs have been looked at. */
export function enterState(farm: FarmState, step: Step): void {
  const { state } = step;
  if (state.type !== 'finished') farm.counts[state.type] += 1;
  switch (state.type) {
    case 'waiting':
    case 'resolved':
      return;
    case 'unfolding':
      farm.effects.push({ type: 'unfold-step', derivation: step.facts.derivation });
      return;
    case 'runnable':
      enqueue(farm, step);
      return;
    case 'leased':
      takeLease(farm, state.lease);
      return;
    case 'backing-off':
      farm.deadlines.set(step, state.until);
      return;
    case 'finished':
      farm.steps.delete(step.facts.derivation);
      farm.rests.delete(step);
      farm.folded.delete(step);
      dropRetryPlan(farm, step);
      endNeed(step);
      step.history.family.steps.delete(step);
      leaveQueue(farm, step.queue);
  }
}

function leaveState(farm: FarmState, step: Step): void {
  const { state } = step;
  if (state.type !== 'finished') farm.counts[state.type] -= 1;
  switch (state.type) {
    case 'waiting':
    case 'unfolding':
    case 'finished':
      return;
    case 'resolved':
      farm.effects.push({ type: 'let-go', derivation: step.facts.derivation });
      return;
    case 'runnable':
      dequeue(farm, step);
      return;
    case 'leased':
      endLease(farm, state.lease);
      return;
    case 'backing-off':
      farm.deadlines.clear(step);
  }
}

function takeLease(farm: FarmState, lease: Lease): void {
  farm.leases.set(lease.attempt, lease);
  lease.builder.leases.add(lease);
  startCharging(lease);
  refreshTaken(farm, lease.builder);
  watchAhead(farm, lease.builder);
}

function endLease(farm: FarmState, lease: Lease): void {
  farm.leases.delete(lease.attempt);
  lease.builder.leases.delete(lease);
  stopCharging(lease, farm.now);
  refreshTaken(farm, lease.builder);
}

/** One on trial gets nothing else while it has a step: others may have to step in for it. */
function refreshTaken(farm: FarmState, builder: Builder): void {
  if (builder.onTrial) refreshFitness(farm, builder);
  else refreshLoad(farm, builder);
}
