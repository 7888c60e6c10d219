import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { Transaction } from '../database/connection.ts';
import { insertFinishedSteps } from '../database/insert-finished-steps.ts';
import { saveRealisations, saveResolutions } from '../database/realisations.ts';
import { resolvedStatusNumber } from '../database/status.ts';
import type { FarmEffect } from '../farm/effect.ts';
import type { Realised } from './realised.ts';

/** What derivations turned out to be, for a runner that comes after this one. */
export async function recordRealisations(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  realised: Realised,
): Promise<void> {
  const resolutions = new Map<DerivationPath, DerivationPath>();
  const realisations = new Map<DerivationPath, ReadonlyMap<string, StorePath>>();
  const noteOutputs = (derivation: DerivationPath): void => {
    const outputs = realised.outputs(derivation);
    if (outputs !== undefined) realisations.set(derivation, outputs);
  };
  for (const effect of effects) {
    if (effect.type === 'resolve-step') {
      resolutions.set(effect.step.derivation, effect.into);
      noteOutputs(effect.into);
    } else if (effect.type === 'finish-attempt' && effect.outcome === 'succeeded') {
      noteOutputs(effect.derivation);
    }
  }
  await saveResolutions(transaction, resolutions);
  await saveRealisations(transaction, realisations);
}

/** As Hydra has it: a row that begins and ends at once, without the paths of its outputs, of which nobody is told. */
export async function recordResolved(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  print: (path: StorePath) => string,
): Promise<void> {
  const resolutions = effects.filter((effect) => effect.type === 'resolve-step');
  if (resolutions.length === 0) return;
  await insertFinishedSteps(
    transaction,
    resolutions.map(({ build, step, into, at }) => ({
      build,
      derivation: print(step.derivation),
      type: 'build',
      status: resolvedStatusNumber,
      errorMessage: null,
      startTime: Math.floor(at / 1000),
      stopTime: Math.floor(at / 1000),
      machine: '',
      system: step.system,
      propagatedFrom: null,
      resolvedInto: into,
      outputs: new Map([...step.outputs.keys()].map((name) => [name, null])),
    })),
  );
}
