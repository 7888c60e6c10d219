import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { derivationPath, NixFormatError, parseDerivation, storeDirectory } from '@iolaus/nix';

/** What a derivation is made of: base names. */
export type DerivationInputs = {
  readonly derivations: readonly string[];
  readonly sources: readonly string[];
};

/**
 * Of a derivation as the database has it (`/nix/store/…`), out of the store where it really is; null where it is not there
 * any more, or is none.
 */
export async function readInputs(
  store: string,
  derivation: string,
): Promise<DerivationInputs | null> {
  try {
    const path = derivationPath(basename(derivation));
    const text = await readFile(join(store, path));
    const parsed = parseDerivation(storeDirectory(dirname(derivation)), path, text);
    return { derivations: [...parsed.inputDerivations.keys()], sources: [...parsed.inputSources] };
  } catch (error) {
    if (error instanceof NixFormatError || isMissing(error)) return null;
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
