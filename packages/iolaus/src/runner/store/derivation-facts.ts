import { needsResolution, outputPath, requiredSystemFeatures, toUtf8 } from '@iolaus/nix';
import type { Derivation, DerivationPath, StorePath } from '@iolaus/nix';
import type { RetryPlan } from '../../farm/attempts/retry-plan.ts';
import type { StepFacts } from '../../farm/facts.ts';
import { compactOutputs } from '../../farm/graph/one-output.ts';
import { readWishes } from './wishes.ts';

/** What of a step follows from its derivation alone: it never changes. */
export type DerivationFacts = Omit<StepFacts, 'failedBefore' | 'resolvedInto' | 'retryPlan'>;

/** What the farm has to know of a derivation that is to be built. */
export function derivationFacts(path: DerivationPath, derivation: Derivation): DerivationFacts {
  const wishes = readWishes(derivation);
  return {
    ...(wishes === undefined ? {} : { wishes }),
    ...(needsResolution(derivation) ? { unfolds: true } : {}),
    ...(isFixedOutput(derivation) ? { isFixedOutput: true } : {}),
    derivation: path,
    system: toUtf8(derivation.system),
    requiredFeatures: requiredSystemFeatures(derivation),
    // Outputs whose path only a build can tell may lie elsewhere the next time.
    outputs: namedPaths(derivation),
    inputs: [...derivation.inputDerivations.keys()],
  };
}

const isFixedOutput = ({ outputs }: Derivation): boolean =>
  [...outputs.values()].some(({ type }) => type === 'fixed');

/** Outputs whose paths are known before any build; null for others. */
export function namedPaths({ outputs }: Derivation): ReadonlyMap<string, StorePath | null> {
  return compactOutputs(new Map([...outputs].map(([name, output]) => [name, outputPath(output)])));
}

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
export function whyUnbuildable({ system }: DerivationFacts): string | null {
  return system === '' ? 'it says no system' : null;
}
