import { cancelWith } from '../attempts/attempt.ts';
import { whyClosed } from '../builders/builder.ts';
import type { Builder } from '../builders/builder.ts';
import { isFirst, isFirstAtAnyCost } from './emergency-priority.ts';
import type { FarmState } from '../farm-state.ts';
import { settleStep } from '../graph/graph.ts';
import type { Lease } from '../attempts/lease.ts';
import { isWelcome } from '../queues/queue.ts';
import type { Queue } from '../queues/queue.ts';
import { bestOffer } from '../queues/rank.ts';
import { changeStep } from '../graph/step-state.ts';

/** Stops what keeps builders from emergencies that wait for nothing. `giveOut` sends what can be sent then. */
export function makeWay(farm: FarmState, giveOut: (farm: FarmState) => void): void {
  if (!farm.emergencies.values().some(({ preempts }) => preempts)) return;
  for (const queue of farm.queues.values()) {
    for (let way = findWay(farm, queue); way.length > 0; way = findWay(farm, queue)) {
      for (const lease of way) preempt(farm, lease);
      giveOut(farm);
    }
  }
}

/** Attempts on one builder whose end would let an emergency begin there: where the least is lost. None if there is no way. */
function findWay(farm: FarmState, queue: Queue): readonly Lease[] {
  const waiting = bestOffer(farm, queue);
  if (waiting === undefined || !isFirstAtAnyCost(waiting.entry.globalPriority)) return [];
  let best: readonly Lease[] = [];
  for (const builder of queue.builders) {
    if (whyClosed(builder) !== null || !isWelcome(queue, builder)) continue;
    const way = wayOn(builder);
    if (way.length > 0 && (best.length === 0 || losesLess(way, best))) best = way;
  }
  return best;
}

/** The latest of what it may stop, as many as it takes. */
function wayOn(builder: Builder): readonly Lease[] {
  const left = new Set(builder.leases);
  const way: Lease[] = [];
  const stoppable = [...builder.leases].filter(isStoppable);
  for (const lease of stoppable.sort((one, other) => other.startedAt - one.startedAt)) {
    left.delete(lease);
    way.push(lease);
    if (builder.placement.hasRoom({ ...builder, leases: left })) return way;
  }
  return [];
}

function losesLess(one: readonly Lease[], other: readonly Lease[]): boolean {
  if (one.length !== other.length) return one.length < other.length;
  return (one[0]?.startedAt ?? 0) > (other[0]?.startedAt ?? 0);
}

/** Neither an emergency itself nor something that must not be begun twice. */
export function isStoppable({ step: { demands, facts } }: Lease): boolean {
  if (facts.wishes?.neverRetry === true) return false;
  return !demands.keys().some(({ globalPriority }) => isFirst(globalPriority));
}

function preempt(farm: FarmState, lease: Lease): void {
  cancelWith(farm, lease, { outcome: 'aborted', message: 'made way for an emergency' });
  changeStep(farm, lease.step, 'preempted', { type: 'runnable', since: farm.now });
  settleStep(farm, lease.step);
}
