import { computeHash } from '../hash/hash.ts';
import { makeTextPath } from '../store-path/make-path.ts';
import { derivationPath } from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory } from '../store-path/store-path.ts';
import type { Derivation } from './derivation.ts';
import { printDerivation } from './print-derivation.ts';

/** Where a derivation is stored: the path of its text, referring to all of its inputs. */
export function makeDerivationPath(
  directory: StoreDirectory,
  derivation: Derivation,
): DerivationPath {
  const hash = computeHash('sha256', printDerivation(directory, derivation));
  const references = [...derivation.inputDerivations.keys(), ...derivation.inputSources];
  return derivationPath(makeTextPath(directory, `${derivation.name}.drv`, hash, references));
}
