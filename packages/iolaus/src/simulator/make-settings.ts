import { capacityRules, machineOrders } from '../farm/placement/policy.ts';
import { selectionNames } from '../farm/selection/policy.ts';
import type { SettingsPlan } from './plan.ts';
import type { Random } from './random.ts';

/** What a runner is told to go by. */
export function makeSettings(random: Random): SettingsPlan {
  return {
    stepSortFn: random.pick(selectionNames),
    machineSortFn: random.pick(machineOrders),
    machineFreeFn: random.pick(capacityRules),
    maxTries: 1 + random.below(5),
    retryIntervalSeconds: random.pick([0, 1, 5, 60, 60]),
    retryBackoff: random.pick([1, 2, 3]),
    maxUnsupportedSeconds: random.pick([0, 120, 600]),
    failedPathsTtlSeconds: random.pick([0, 30, 3_600]),
  };
}
