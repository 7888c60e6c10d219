import type { Step } from './step.ts';

/** The step, and those that turned out to be nothing else: what becomes of it is their own end. */
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
