import type { DerivationPath } from '@iolaus/nix';
import type { FarmState } from '../farm-state.ts';
import type { BuildResult, StepFacts } from '../facts.ts';
import { queueBuilds } from './queue-builds.ts';
import { representative } from './representative.ts';
import { changeStep } from './step-state.ts';
import { acceptFound } from '../attempts/succeed.ts';

/** What the shell found when it filled in the paths of a step's inputs: another derivation, to be built in its stead. */
export type Resolved = {
  readonly derivation: DerivationPath;
  readonly into: DerivationPath;
  /** That derivation as a step, where the farm does not know it yet; nothing where it was built before. */
  readonly steps: readonly StepFacts[];
  /** What came of it, if it was built before: early cut-off. */
  readonly result: BuildResult | null;
};

/** One step serves all that resolve into it. */
export function resolveStep(farm: FarmState, resolved: Resolved): void {
  const { derivation, into, steps, result } = resolved;
  const step = farm.steps.get(derivation);
  if (step?.state.type !== 'unfolding') return;
  const build = representative(step);
  farm.effects.push({ type: 'resolve-step', step: step.facts, build, into, at: farm.now });
  if (result === null) {
    changeStep(farm, step, 'resolved', { type: 'resolved', into });
    queueBuilds(farm, [], [...steps, { ...step.facts, inputs: [into] }]);
  } else {
    farm.effects.push({ type: 'let-go', derivation });
    acceptFound(farm, step, result);
  }
}
