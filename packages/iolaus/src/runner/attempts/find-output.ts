import {
  NixFormatError,
  derivationName,
  makeFixedOutputPath,
  outputPath,
  outputPathName,
  storePathName,
} from '@iolaus/nix';
import type {
  ContentAddress,
  DerivationOutput,
  DerivationPath,
  PathInfo,
  StoreDirectory,
  StorePath,
} from '@iolaus/nix';
import { contentCheck } from '../../cache/presigned/content-check.ts';
import type { ContentCheck } from '../../cache/presigned/content-check.ts';
import type { Derivations } from '../store/derivations.ts';

/** The output of a derivation that has this path, or may have it where only the build can tell; undefined if there is none. */
export function findOutput(
  derivations: Pick<Derivations, 'read'>,
  derivation: DerivationPath,
  path: StorePath,
): DerivationOutput | undefined {
  const { outputs } = derivations.read(derivation);
  const found = [...outputs].find(([name, output]) => {
    const known = outputPath(output);
    return known === null ? isNamedLike(derivation, name, path) : known === path;
  });
  return found?.[1];
}

/** Whether an output whose path only the build can tell may have this path. */
export const isNamedLike = (derivation: DerivationPath, output: string, path: StorePath): boolean =>
  storePathName(path) === outputPathName(derivationName(derivation), output);

/** What can be checked of an archive that is said to be an output. */
export type OutputClaim = {
  readonly contentAddress: ContentAddress | null;
  /** Null where the path says nothing about the contents. */
  readonly check: ContentCheck | null;
};

type Claimed = Pick<PathInfo, 'path' | 'references' | 'contentAddress'>;

/** Null where the path does not follow from what is said of the archive: it could be anything. */
export function claimOutput(
  directory: StoreDirectory,
  output: DerivationOutput,
  claimed: Claimed,
): OutputClaim | null {
  const contentAddress = addressOf(output, claimed);
  if (contentAddress === null) {
    const isFree = output.type === 'floating' || output.type === 'impure';
    return isFree ? null : { contentAddress, check: null };
  }
  const { path, references } = claimed;
  const self = references.includes(path) ? path : null;
  return liesThere(directory, claimed, contentAddress)
    ? { contentAddress, check: contentCheck(contentAddress, self) }
    : null;
}

function addressOf(
  output: DerivationOutput,
  { contentAddress }: Pick<Claimed, 'contentAddress'>,
): ContentAddress | null {
  if (output.type === 'input-addressed' || output.type === 'deferred') return null;
  return output.type === 'fixed' ? output.contentAddress : contentAddress;
}

function liesThere(
  directory: StoreDirectory,
  { path, references }: Pick<Claimed, 'path' | 'references'>,
  address: ContentAddress,
): boolean {
  const paths = references.filter((other) => other !== path);
  const self = references.includes(path);
  try {
    return makeFixedOutputPath(directory, storePathName(path), address, { paths, self }) === path;
  } catch (error) {
    // Some addresses cannot have references.
    if (error instanceof NixFormatError) return false;
    throw error;
  }
}
