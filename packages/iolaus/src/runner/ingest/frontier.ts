import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { Derivations, Outputs } from '../store/derivations.ts';
import type { Found } from './record-found.ts';
import type { Wanted } from './substitution.ts';

// A frontier is a level of a graph, of which the store has said which paths are valid.

/** Where outputs lie, as far as that is known. */
export function knownPaths(derivations: Derivations, path: DerivationPath): StorePath[] {
  return [...derivations.outputs(path).values()].filter((output) => output !== null);
}

/** Those whose outputs can all be had. */
export function findThere(
  derivations: Derivations,
  frontier: Iterable<DerivationPath>,
  valid: ReadonlySet<StorePath>,
): DerivationPath[] {
  const isThere = (path: DerivationPath): boolean =>
    derivations
      .outputs(path)
      .values()
      .every((output) => output !== null && valid.has(output));
  return [...frontier].filter(isThere);
}

/** Outputs that are there. What only a build can tell is told by what it was resolved into. */
export function findPresent(
  derivations: Derivations,
  frontier: Iterable<DerivationPath>,
  valid: ReadonlySet<StorePath>,
): Found[] {
  const found: Found[] = [];
  for (const derivation of frontier) {
    if (!derivations.isNamed(derivation)) continue;
    for (const [output, path] of derivations.outputs(derivation)) {
      if (path !== null && valid.has(path)) found.push({ derivation, output, path });
    }
  }
  return found;
}

/** Outputs that are not there, or of which nobody knows where they will be. */
export function findMissing(
  derivations: Derivations,
  frontier: Iterable<DerivationPath>,
  valid: ReadonlySet<StorePath>,
): Map<DerivationPath, Outputs> {
  const missing = new Map<DerivationPath, Outputs>();
  for (const derivation of frontier) {
    const outputs = [...derivations.outputs(derivation)];
    const lacking = outputs.filter(([, path]) => path === null || !valid.has(path));
    if (lacking.length > 0) missing.set(derivation, new Map(lacking));
  }
  return missing;
}

/** What could be fetched: all that is missing has a known path, and none of it failed before. */
export function findWanted(
  missing: ReadonlyMap<DerivationPath, Outputs>,
  failed: ReadonlySet<DerivationPath>,
): Wanted[] {
  const wanted: Wanted[] = [];
  for (const [derivation, outputs] of missing) {
    const named = [...outputs].flatMap(([name, path]) =>
      path === null ? [] : [[name, path] as const],
    );
    if (named.length < outputs.size || failed.has(derivation)) continue;
    wanted.push({ derivation, missing: new Map(named) });
  }
  return wanted;
}
