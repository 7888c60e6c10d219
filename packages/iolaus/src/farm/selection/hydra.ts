import { shareUsed } from '../queues/jobset.ts';
import type { Entry } from '../queues/rank.ts';
import type { SelectionName, SelectionPolicy } from './policy.ts';

/** Negative where the first comes first; zero where this decides nothing. */
type Comparison = (one: Entry, other: Entry) => number;

const globalPriority: Comparison = (one, other) => other.globalPriority - one.globalPriority;
const localPriority: Comparison = (one, other) => other.localPriority - one.localPriority;
const lowestBuild: Comparison = (one, other) => one.lowestBuild - other.lowestBuild;
const mostDependents: Comparison = (one, other) => other.dependents - one.dependents;
const longestPath: Comparison = (one, other) => other.pathLength - one.pathLength;
const arrival: Comparison = (one, other) => one.step.sequence - other.step.sequence;

/**
 * Hydra's orders: highest global priority, smallest used share of a jobset, and then what the name says. What Hydra looks
 * at now and then is always up to date here: bumps, shares, critical paths and numbers of dependents.
 */
export const hydraPolicies = [
  policy('Legacy', [localPriority, lowestBuild]),
  policy('WithRdeps', [mostDependents, localPriority, lowestBuild]),
  policy('WithCriticalPath', [longestPath, localPriority, lowestBuild]),
];

function policy(name: SelectionName, comparisons: readonly Comparison[]): SelectionPolicy {
  const isMoreUrgent = inOrderOf([globalPriority, ...comparisons, arrival]);
  return {
    name,
    path: 'steps',
    groupsOf: (_, jobsets) => jobsets,
    orderOf: () => isMoreUrgent,
    isMoreUrgent,
    claim: (farm, group) => (group.type === 'jobset' ? shareUsed(group, farm.now) : Infinity),
  };
}

function inOrderOf(comparisons: readonly Comparison[]): (one: Entry, other: Entry) => boolean {
  return (one, other) => {
    for (const compare of comparisons) {
      const difference = compare(one, other);
      if (difference !== 0) return difference < 0;
    }
    return false;
  };
}
