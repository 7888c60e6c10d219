import type { FarmState } from '../farm-state.ts';
import type { Step } from '../graph/step.ts';

/** What the step adds to a chain: itself, or its predicted build time in seconds. */
function pathWeight(farm: FarmState, step: Step): number {
  return farm.selection.path === 'steps' ? 1 : step.seconds;
}

/** The longest chain from the step to the top, itself included. */
export function pathLength(farm: FarmState, step: Step): number {
  return step.above + pathWeight(farm, step);
}
