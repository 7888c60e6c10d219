import { derivationName, makeFixedOutputPath, outputPath, outputPathName } from '@iolaus/nix';
import { storePathName } from '@iolaus/nix';
import type {
  ContentAddress,
  DerivationOutput,
  DerivationPath,
  Narinfo,
  StoreDirectory,
  StorePath,
} from '@iolaus/nix';
import type { Derivations } from '../../ingest/derivations.ts';

/** The output of a derivation that lies there, or may where only the build can tell; undefined if it is none of its. */
export function findOutput(
  derivations: Pick<Derivations, 'read'>,
  derivation: DerivationPath,
  path: StorePath,
): DerivationOutput | undefined {
  const { outputs } = derivations.read(derivation);
  const found = [...outputs].find(([name, output]) => {
    const known = outputPath(output);
    return known === null
      ? storePathName(path) === outputPathName(derivationName(derivation), name)
      : known === path;
  });
  return found?.[1];
}

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
