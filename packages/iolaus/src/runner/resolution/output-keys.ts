import { hashesModulo } from '@iolaus/nix';
import type { Derivation, DerivationPath, Hash, OutputKey, StoreDirectory } from '@iolaus/nix';
import type { Derivations } from '../store/derivations.ts';

/** By what others know the outputs of a derivation that needs no resolution. */
export type DerivationName = { readonly derivation: DerivationPath; readonly derivationHash: Hash };

/**
 * Null for what has no name: a derivation with inputs, since what it comes to depends on what these came to; an impure
 * one, which comes to something else each time; one that is gone.
 */
export function nameOf(
  directory: StoreDirectory,
  derivations: Pick<Derivations, 'read'>,
  path: DerivationPath,
): DerivationName | null {
  const derivation = readOrNull(derivations, path);
  if (derivation === null || derivation.inputDerivations.size > 0) return null;
  if (derivation.outputs.values().some(({ type }) => type === 'impure')) return null;
  const derivationHash = hashesModulo(directory, noInput).masked(derivation).hash;
  return { derivation: path, derivationHash };
}

/** An output's names in binary caches: of the layout since Nix 2.35, and of the one before. */
export function outputKeys(
  { derivation, derivationHash: hash }: DerivationName,
  output: string,
): readonly OutputKey[] {
  return [
    { type: 'derivation-path', derivation, output },
    { type: 'derivation-hash', hash, output },
  ];
}

function readOrNull(
  derivations: Pick<Derivations, 'read'>,
  path: DerivationPath,
): Derivation | null {
  try {
    return derivations.read(path);
  } catch {
    return null;
  }
}

function noInput(path: DerivationPath): never {
  throw new Error(`${path} is an input of a derivation without inputs`);
}
