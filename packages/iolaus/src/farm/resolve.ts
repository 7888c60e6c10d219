import type { FarmState } from './farm-state.ts';
import type { StepFacts } from './facts.ts';
import type { AttemptNumber } from './identity.ts';
import { queueBuilds } from './queue-builds.ts';
import { changeStep } from './step-state.ts';

/**
 * With the paths of its inputs filled in the derivation is another one: that is built in its stead, for all that need it.
 * The attempt ends with that; nothing was built under it.
 */
export function resolveStep(farm: FarmState, attempt: AttemptNumber, into: StepFacts): void {
  const lease = farm.leases.get(attempt);
  if (lease === undefined) return;
  const { step, builder, build } = lease;
  const { derivation } = step.facts;
  farm.effects.push({
    type: 'resolve-attempt',
    attempt,
    derivation,
    build,
    builder: builder.id,
    into: into.derivation,
  });
  changeStep(farm, step, 'resolved', { type: 'resolved', into: into.derivation });
  queueBuilds(farm, [], [into, { ...step.facts, inputs: [into.derivation] }]);
}
