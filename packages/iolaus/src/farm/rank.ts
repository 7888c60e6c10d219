import type { FarmState } from './farm-state.ts';
import { IndexedHeap } from './heap.ts';
import type { BuildId, Instant } from './identity.ts';
import { shareUsed } from './jobset.ts';
import type { Jobset } from './jobset.ts';
import { refreshReadiness } from './queue.ts';
import type { Queue } from './queue.ts';
import type { Step } from './step.ts';
import { watchSupport } from './support.ts';

/** A runnable step with its rank as the builds above it make it now. */
export type Entry = {
  readonly step: Step;
  readonly globalPriority: number;
  readonly localPriority: number;
  readonly lowestBuild: BuildId;
  readonly jobsets: readonly Jobset[];
};

/** The runnable steps of one jobset in one queue. */
export type Lane = IndexedHeap<Entry>;

/** A step with the share that the least served of its jobsets has used. */
export type Offer = { readonly entry: Entry; readonly queue: Queue; readonly shareUsed: number };

/** The step becomes runnable. */
export function enqueue(farm: FarmState, step: Step): void {
  const entry = rank(step);
  const { entries, lanes } = step.queue;
  // A step that is ranked anew keeps its place among those that wait.
  entries.set(step, entry);
  for (const jobset of entry.jobsets) {
    let lane = lanes.get(jobset);
    if (lane === undefined) lanes.set(jobset, (lane = new IndexedHeap(isMoreUrgent)));
    lane.put(entry);
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

/** Who asks for the step has changed: if it is runnable, its place is another one at once. */
export function rerank(farm: FarmState, step: Step): void {
  if (step.state.type !== 'runnable') return;
  leaveLanes(step);
  enqueue(farm, step);
}

function leaveLanes(step: Step): void {
  const { entries, lanes } = step.queue;
  const entry = entries.get(step);
  if (entry === undefined) return;
  for (const jobset of entry.jobsets) {
    const lane = lanes.get(jobset);
    lane?.remove(entry);
    if (lane?.size === 0) lanes.delete(jobset);
  }
}

function rank(step: Step): Entry {
  let globalPriority = -Infinity;
  let localPriority = -Infinity;
  const jobsets = new Set<Jobset>();
  for (const demand of step.demands.keys()) {
    globalPriority = Math.max(globalPriority, demand.globalPriority);
    localPriority = Math.max(localPriority, demand.localPriority);
    jobsets.add(demand.jobset);
  }
  return {
    step,
    globalPriority,
    localPriority,
    lowestBuild: step.lowestBuild,
    jobsets: [...jobsets],
  };
}

/** The queue's most urgent step: in each lane the used share is the same, so its first one stands for all. */
export function bestOffer(queue: Queue, now: Instant): Offer | undefined {
  let best: Offer | undefined;
  for (const [jobset, lane] of queue.lanes) {
    const entry = lane.first();
    if (entry === undefined) continue;
    const offer = { entry, queue, shareUsed: shareUsed(jobset, now) };
    if (best === undefined || isBetterOffer(offer, best)) best = offer;
  }
  return best;
}

/**
 * Hydra's order: highest global priority, smallest used share of a jobset, highest local priority, lowest build; then
 * who came first.
 */
export function isBetterOffer(one: Offer, other: Offer): boolean {
  if (one.entry.globalPriority !== other.entry.globalPriority) {
    return one.entry.globalPriority > other.entry.globalPriority;
  }
  if (one.shareUsed !== other.shareUsed) return one.shareUsed < other.shareUsed;
  return isMoreUrgent(one.entry, other.entry);
}

/** The same order inside a lane, where the used share decides nothing. */
function isMoreUrgent(one: Entry, other: Entry): boolean {
  if (one.globalPriority !== other.globalPriority) return one.globalPriority > other.globalPriority;
  if (one.localPriority !== other.localPriority) return one.localPriority > other.localPriority;
  if (one.lowestBuild !== other.lowestBuild) return one.lowestBuild < other.lowestBuild;
  return one.step.sequence < other.step.sequence;
}
