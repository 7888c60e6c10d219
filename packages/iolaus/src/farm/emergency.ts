import { cancelWith } from './attempt.ts';
import { whyClosed } from './builder.ts';
import { isFirst, isFirstAtAnyCost } from './emergency-priority.ts';
import type { FarmState } from './farm-state.ts';
import { settleStep } from './graph.ts';
import type { Lease } from './lease.ts';
import type { Queue } from './queue.ts';
import { bestOffer } from './rank.ts';
import type { Step } from './step.ts';
import { changeStep } from './step-state.ts';

/** Stops what keeps builders from emergencies that wait for nothing. `giveOut` sends what can be sent then. */
export function makeWay(farm: FarmState, giveOut: (farm: FarmState) => void): void {
  if (!farm.emergencies.values().some(({ preempts }) => preempts)) return;
  for (const queue of farm.queues.values()) {
    for (let way = findWay(farm, queue); way !== undefined; way = findWay(farm, queue)) {
      preempt(farm, way);
      const opens = queue.openings.size > 0;
      giveOut(farm);
      // Something besides the steps under way keeps the builder from taking more.
      if (!opens) break;
    }
  }
}

/** An attempt whose end would let an emergency begin: of those that it may stop, the one with the least to lose. */
export function findWay(farm: FarmState, queue: Queue): Lease | undefined {
  const waiting = bestOffer(farm, queue);
  if (waiting === undefined || !isFirstAtAnyCost(waiting.entry.globalPriority)) {
    return undefined;
  }
  let latest: Lease | undefined;
  for (const builder of queue.builders) {
    if (whyClosed(builder) !== null || queue.avoided.includes(builder.facts.hostname)) continue;
    for (const lease of builder.leases) {
      if (isUrgent(lease.step) || lease.step.facts.wishes?.neverRetry === true) continue;
      if (latest === undefined || lease.startedAt > latest.startedAt) latest = lease;
    }
  }
  return latest;
}

function isUrgent({ demands }: Step): boolean {
  for (const { globalPriority } of demands.keys()) if (isFirst(globalPriority)) return true;
  return false;
}

function preempt(farm: FarmState, lease: Lease): void {
  cancelWith(farm, lease, { outcome: 'aborted', message: 'made way for an emergency' });
  changeStep(farm, lease.step, 'preempted', { type: 'runnable', since: farm.now });
  settleStep(farm, lease.step);
}
