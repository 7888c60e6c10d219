import type { DerivationPath } from '@iolaus/nix';

/**
 * Between 0 and 1, different for every step and try: steps that failed together do not come back together. The farm has no
 * dice of its own, so it is made of what the step is called (FNV-1a).
 */
export function jitterOf(derivation: DerivationPath, tries: number): number {
  let hash = 0x811c9dc5 ^ tries;
  // A derivation's name begins with a hash: thirty-two letters tell all of them apart.
  for (let at = 0; at < derivation.length && at < 32; at += 1) {
    hash = Math.imul(hash ^ derivation.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash >>> 0) / 2 ** 32;
}
