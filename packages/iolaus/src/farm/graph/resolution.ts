import type { Step } from './step.ts';

/** The step and the steps that were resolved into it, which end as it does. */
export function ownSteps(step: Step): Set<Step> {
  const own = new Set([step]);
  for (const next of own) {
    for (const dependent of next.dependents) {
      const { state } = dependent;
      if (state.type === 'resolved' && state.into === next.facts.derivation) own.add(dependent);
    }
  }
  return own;
}
