import type { FarmState } from '../farm-state.ts';
import type { Jobset } from '../queues/jobset.ts';
import type { Entry } from '../queues/rank.ts';
import type { Step } from '../graph/step.ts';
import type { Evaluation } from './evaluation.ts';
import type { Everybody } from './everybody.ts';

/** Hydra's names of its step orders, and ours. */
export const selectionNames = ['Legacy', 'WithRdeps', 'WithCriticalPath', 'TwoLevel'] as const;
export type SelectionName = (typeof selectionNames)[number];

/** In whose name a step stands in its queue. */
export type Group = Jobset | Evaluation | Everybody;

/**
 * Which runnable step comes first. The highest global priority always does, then the group with the least claim, and
 * within it the most urgent entry: so the first entries of all groups are all that has to be looked at.
 */
export type SelectionPolicy = {
  readonly name: SelectionName;
  /** What the length of a chain of steps is counted in. */
  readonly path: 'steps' | 'seconds';
  /** The step stands in the lane of each. */
  groupsOf(step: Step, jobsets: readonly Jobset[]): readonly Group[];
  /** The order in the lane of a group. The highest global priority comes first in all of them. */
  orderOf(group: Group): (one: Entry, other: Entry) => boolean;
  /** The order of two entries of different lanes where the claims of their groups decide nothing. */
  isMoreUrgent(one: Entry, other: Entry): boolean;
  /** What speaks against giving the entry out in this group's name, less first; Infinity: it is not this group's turn. */
  claim(farm: FarmState, group: Group, entry: Entry): number;
};
