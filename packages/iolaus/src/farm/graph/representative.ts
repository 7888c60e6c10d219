import type { BuildId } from '../identity.ts';
import type { Step } from './step.ts';

/**
 * The build that is charged with the step: the oldest whose own derivation it is, else that of the nearest such step on
 * a way up. One database row is enough, however many builds need the step.
 */
export function representative(step: Step): BuildId {
  let next = step;
  while (next.builds.size === 0) {
    const [dependent] = next.dependents;
    if (dependent === undefined) {
      throw new Error(`${step.facts.derivation} is known, but no build needs it`);
    }
    next = dependent;
  }
  let oldest: BuildId | undefined;
  for (const { facts } of next.builds) {
    if (oldest === undefined || facts.id < oldest) oldest = facts.id;
  }
  if (oldest === undefined) throw new Error('a step with builds has an oldest one');
  return oldest;
}
