import { derivationPath } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';

/** Derivations stand in the database with the store directory. */
export const baseName = (path: string): DerivationPath =>
  derivationPath(path.slice(path.lastIndexOf('/') + 1));
