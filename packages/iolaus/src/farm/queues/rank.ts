import type { FarmState } from '../farm-state.ts';
import type { BuildId } from '../identity.ts';
import type { Jobset } from './jobset.ts';
import { refreshReadiness } from './queue.ts';
import type { Queue } from './queue.ts';
import { Lane } from '../selection/lane.ts';
import { pathLength } from '../selection/path-length.ts';
import type { Group } from '../selection/policy.ts';
import type { Step } from '../graph/step.ts';
import { watchSupport } from '../builders/support.ts';

/** A runnable step with its rank as the builds above it make it now. */
export type Entry = {
  readonly step: Step;
  readonly globalPriority: number;
  readonly localPriority: number;
  readonly lowestBuild: BuildId;
  /** The longest chain of steps from it to the top, in what the policy counts. */
  readonly pathLength: number;
  /** Steps that need it directly. */
  readonly dependents: number;
  readonly jobsets: readonly Jobset[];
  /** It stands in the lane of each. */
  readonly groups: readonly Group[];
  /** It is not runnable any more, or has another rank. */
  isGone: boolean;
};

/** A step with what speaks against it for the group in whose lane it was found. */
export type Offer = { readonly entry: Entry; readonly queue: Queue; readonly claim: number };

/** The step becomes runnable. */
export function enqueue(farm: FarmState, step: Step): void {
  const { entries, lanes } = step.queue;
  const entry = rank(farm, step);
  // A step that is ranked anew keeps its place among those that wait.
  entries.set(step, entry);
  for (const group of entry.groups) {
    let lane = lanes.get(group);
    if (lane === undefined) {
      lane = new Lane(farm.selection.orderOf(group));
      lanes.set(group, lane);
    }
    lane.add(entry);
  }
  if (entries.size === 1) watchSupport(farm, step.queue);
  refreshReadiness(farm, step.queue);
}

/** The step is runnable no more. */
export function dequeue(farm: FarmState, step: Step): void {
  leaveLanes(step);
  step.queue.entries.delete(step);
  if (step.queue.entries.size === 0) watchSupport(farm, step.queue);
  refreshReadiness(farm, step.queue);
}

/** Who asks for the step has changed, or what is above it: if it is runnable, its place is another one at once. */
export function rerank(farm: FarmState, step: Step): void {
  if (step.state.type !== 'runnable') return;
  leaveLanes(step);
  enqueue(farm, step);
}

/** The policy is another one: all lanes are made anew. */
export function rerankAll(farm: FarmState): void {
  for (const queue of farm.queues.values()) {
    queue.lanes.clear();
    for (const step of queue.entries.keys()) enqueue(farm, step);
  }
}

function leaveLanes(step: Step): void {
  const { entries, lanes } = step.queue;
  const entry = entries.get(step);
  if (entry === undefined) return;
  entry.isGone = true;
  for (const group of entry.groups) {
    const lane = lanes.get(group);
    lane?.noteLeft();
    if (lane?.size === 0) lanes.delete(group);
  }
}

function rank(farm: FarmState, step: Step): Entry {
  let globalPriority = -Infinity;
  let localPriority = -Infinity;
  const asking = new Set<Jobset>();
  for (const demand of step.demands.keys()) {
    globalPriority = Math.max(globalPriority, demand.globalPriority);
    localPriority = Math.max(localPriority, demand.localPriority);
    asking.add(demand.jobset);
  }
  const jobsets = [...asking];
  return {
    step,
    globalPriority,
    localPriority,
    lowestBuild: step.lowestBuild,
    pathLength: pathLength(farm, step),
    dependents: step.dependents.size,
    jobsets,
    groups: farm.selection.groupsOf(step, jobsets),
    isGone: false,
  };
}

/** The queue's most urgent step: in each lane the claim is the same, so its first one stands for all. */
export function bestOffer(farm: FarmState, queue: Queue): Offer | undefined {
  let best: Offer | undefined;
  for (const [group, lane] of queue.lanes) {
    const entry = lane.first();
    if (entry === undefined) continue;
    const offer = { entry, queue, claim: farm.selection.claim(farm, group, entry) };
    if (best === undefined || isBetterOffer(farm, offer, best)) best = offer;
  }
  return best;
}

export function isBetterOffer(farm: FarmState, one: Offer, other: Offer): boolean {
  if (one.entry.globalPriority !== other.entry.globalPriority) {
    return one.entry.globalPriority > other.entry.globalPriority;
  }
  if (one.claim !== other.claim) return one.claim < other.claim;
  return farm.selection.isMoreUrgent(one.entry, other.entry);
}
