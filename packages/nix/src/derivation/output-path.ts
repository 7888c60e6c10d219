import type { Hash } from '../hash/hash.ts';
import { makeStorePath } from '../store-path/make-path.ts';
import type { StoreDirectory, StorePath } from '../store-path/store-path.ts';

/** The name of an output's path: that of the derivation, and of the output unless it is `out`. */
export function outputPathName(derivationName: string, output: string): string {
  return output === 'out' ? derivationName : `${derivationName}-${output}`;
}

/**
 * Where an input-addressed output lies.
 * @param hash the derivation's masked hash modulo
 */
export function makeOutputPath(
  directory: StoreDirectory,
  hash: Hash,
  derivationName: string,
  output: string,
): StorePath {
  return makeStorePath(directory, `output:${output}`, hash, outputPathName(derivationName, output));
}
