import { whyClosed } from '../builders/builder.ts';
import type { Builder } from '../builders/builder.ts';
import { isStoppable } from './make-way.ts';
import { isFirstAtAnyCost, priorityOf } from './emergency-priority.ts';
import type { FarmState } from '../farm-state.ts';
import type { Check } from '../promises/promises.ts';
import { isWelcome } from '../queues/queue.ts';

/** Emergencies count for their builds, and none that may pre-empt waits for what it may stop. */
export function checkEmergencies(farm: FarmState, check: Check): void {
  for (const { facts, demand } of farm.builds.values()) {
    check(
      demand.globalPriority === priorityOf(farm, facts),
      () => `build ${facts.id} is not as urgent as it should be`,
    );
  }
  for (const queue of farm.queues.values()) {
    const waits = queue.entries
      .values()
      .some(({ globalPriority }) => isFirstAtAnyCost(globalPriority));
    if (!waits) continue;
    const found = queue.builders
      .values()
      .find((builder) => isWelcome(queue, builder) && couldMakeWay(builder));
    check(
      found === undefined,
      () => `an emergency waits in ${queue.key} for what ${found?.id} could stop`,
    );
  }
}

function couldMakeWay(builder: Builder): boolean {
  const left = new Set(builder.leases.values().filter((lease) => !isStoppable(lease)));
  return whyClosed(builder) === null && builder.placement.hasRoom({ ...builder, leases: left });
}
