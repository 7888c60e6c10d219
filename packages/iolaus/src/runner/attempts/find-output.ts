import {
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
  Narinfo,
  StoreDirectory,
  StorePath,
} from '@iolaus/nix';
import type { Derivations } from '../ingest/derivations.ts';

/** The output of a derivation that lies there, or may where only the build can tell; undefined if it is none of its. */
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

/** An output whose path only the build can tell may lie there. */
export const isNamedLike = (derivation: DerivationPath, output: string, path: StorePath): boolean =>
  storePathName(path) === outputPathName(derivationName(derivation), output);

/** What the contents of an output have to be: null where its path says nothing about them. */
export function addressOf(
  output: DerivationOutput,
  { contentAddress }: Narinfo,
): ContentAddress | null {
  if (output.type === 'input-addressed' || output.type === 'deferred') return null;
  return output.type === 'fixed' ? output.contentAddress : contentAddress;
}

/** Whether something with these contents and references lies at that path. @throws NixFormatError */
export function liesThere(
  directory: StoreDirectory,
  { path, references }: Pick<Narinfo, 'path' | 'references'>,
  address: ContentAddress,
): boolean {
  const paths = references.filter((other) => other !== path);
  const self = references.includes(path);
  return makeFixedOutputPath(directory, storePathName(path), address, { paths, self }) === path;
}
