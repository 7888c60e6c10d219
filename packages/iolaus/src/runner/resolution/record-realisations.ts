import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { Transaction } from '../../database/connection/connection.ts';
import { insertResolvedSteps } from '../../database/steps/insert-resolved-steps.ts';
import { saveRealisations, saveResolutions } from '../../database/steps/realisations.ts';
import type { BuildId } from '../../farm/identity.ts';
import type { FarmEffect } from '../../farm/effect.ts';
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
  const buildsOf = (derivation: DerivationPath): readonly BuildId[] | null =>
    realised.builds(derivation);
  await saveResolutions(transaction, resolutions, buildsOf);
  await saveRealisations(transaction, realisations, buildsOf);
}

/** A row for each step that was resolved into another. Like Hydra, it sends no notification for them. */
export async function recordResolved(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  print: (path: StorePath) => string,
): Promise<void> {
  const resolutions = effects.filter((effect) => effect.type === 'resolve-step');
  await insertResolvedSteps(
    transaction,
    resolutions.map(({ build, step, into, at }) => ({
      build,
      derivation: print(step.derivation),
      system: step.system,
      time: Math.floor(at / 1000),
      into,
      outputNames: [...step.outputs.keys()],
    })),
  );
}
