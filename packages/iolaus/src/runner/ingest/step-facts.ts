import { needsResolution, requiredSystemFeatures, toUtf8 } from '@iolaus/nix';
import type { Derivation, DerivationPath } from '@iolaus/nix';
import type { RetryPlan } from '../../farm/attempts/retry-plan.ts';
import type { StepFacts } from '../../farm/facts.ts';
import { namedPaths } from './derivations.ts';
import { readWishes } from './wishes.ts';

/** What the farm has to know of a derivation that is to be built. */
export function stepFacts(
  path: DerivationPath,
  derivation: Derivation,
  failedBefore: boolean,
): StepFacts {
  const wishes = readWishes(derivation);
  return {
    ...(wishes === undefined ? {} : { wishes }),
    ...(needsResolution(derivation) ? { unfolds: true } : {}),
    ...(isFixedOutput(derivation) ? { isFixedOutput: true } : {}),
    derivation: path,
    system: toUtf8(derivation.system),
    requiredFeatures: requiredSystemFeatures(derivation),
    // What else it came to before, and is gone, need not come out again.
    outputs: namedPaths(derivation),
    inputs: [...derivation.inputDerivations.keys()],
    failedBefore,
  };
}

const isFixedOutput = ({ outputs }: Derivation): boolean =>
  [...outputs.values()].some(({ type }) => type === 'fixed');

/** What an earlier runner found out about a step. */
export function remembered(
  resolvedInto: DerivationPath | undefined,
  retryPlan: RetryPlan | undefined,
): Partial<StepFacts> {
  return {
    ...(retryPlan === undefined ? {} : { retryPlan }),
    // What it needed was there when it was resolved, and is kept with what it was resolved into.
    ...(resolvedInto === undefined ? {} : { resolvedInto, inputs: [resolvedInto] }),
  };
}

/** Why nobody could ever build it; null where somebody might. */
export function whyUnbuildable(derivation: Derivation): string | null {
  return toUtf8(derivation.system) === '' ? 'it says no system' : null;
}
