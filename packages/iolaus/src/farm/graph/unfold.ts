import type { DerivationPath } from '@iolaus/nix';
import { failStep } from '../attempts/fail.ts';
import type { FarmState } from '../farm-state.ts';
import type { StepFacts } from '../facts.ts';
import { queueBuilds } from './queue-builds.ts';
import { changeStep } from './step-state.ts';

/** What the shell found in the derivations that a step's inputs produced. */
export type Produced = {
  readonly derivation: DerivationPath;
  /** The produced derivations that are still to be built, as inputs of the step; and the steps that these need. */
  readonly inputs: readonly DerivationPath[];
  readonly steps: readonly StepFacts[];
  /** Their outputs are derivations in turn. */
  readonly unfoldsAgain: boolean;
};

/** The step needs what its inputs produced, too. */
export function takeProduced(farm: FarmState, produced: Produced): void {
  const step = farm.steps.get(produced.derivation);
  if (step?.state.type !== 'unfolding') return;
  changeStep(farm, step, 'unfolded', { type: 'waiting' });
  if (!produced.unfoldsAgain) farm.folded.delete(step);
  queueBuilds(farm, [], [...produced.steps, { ...step.facts, inputs: produced.inputs }]);
}

/** What was produced is no derivation, or one that this farm cannot build. */
export function failUnfolding(farm: FarmState, derivation: DerivationPath, message: string): void {
  const step = farm.steps.get(derivation);
  if (step?.state.type !== 'unfolding') return;
  failStep(farm, step, {
    change: 'unfolding-failed',
    outcome: 'aborted',
    message,
    hostname: '',
    charged: null,
    propagatedFrom: null,
    startedAt: farm.now,
  });
}
