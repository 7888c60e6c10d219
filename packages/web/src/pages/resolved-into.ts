import type { Step } from '../api/v2.ts';

/** Those of the steps that turned out to be what this one built. */
export function resolvedInto(step: Step, steps: readonly Step[]): Step[] {
  if (step.status === 'resolved') return [];
  return steps.filter(({ resolution }) => resolution?.derivation === step.derivation);
}
