import { NixFormatError } from '../format-error.ts';
import { parseHash, parseHashAlgorithm, printHash } from '../hash/hash.ts';
import type { HashAlgorithm } from '../hash/hash.ts';
import type { ContentAddressMethod } from '../store-path/content-address.ts';
import { parseStorePath, printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import type { DerivationOutput } from './derivation.ts';

/** The three texts by which files and the daemon's protocol describe an output. */
export type OutputFields = {
  readonly path: string;
  /** Such as `sha256` or `r:sha256`; empty where the path depends on the inputs. */
  readonly hashAlgorithm: string;
  /** In base 16, empty, or `impure`. */
  readonly hash: string;
};

const methodPrefixes: Readonly<Record<ContentAddressMethod, string>> = {
  flat: '',
  nar: 'r:',
  text: 'text:',
  git: 'git:',
};

/** @throws NixFormatError for a combination that Nix does not know. */
export function parseOutputFields(
  directory: StoreDirectory,
  { path, hashAlgorithm, hash }: OutputFields,
): DerivationOutput {
  if (hashAlgorithm === '') return parseInputAddressed(directory, path, hash);
  const { method, algorithm } = parseMethodAndAlgorithm(hashAlgorithm);
  if (hash === 'impure' && path === '') return { type: 'impure', method, algorithm };
  if (hash === '' && path === '') return { type: 'floating', method, algorithm };
  const contentAddress = { method, hash: parseHash(hash, algorithm) };
  return { type: 'fixed', contentAddress, path: parseStorePath(directory, path) };
}

function parseInputAddressed(
  directory: StoreDirectory,
  path: string,
  hash: string,
): DerivationOutput {
  if (hash !== '') throw new NixFormatError(`An output has the hash '${hash}' of no algorithm`);
  if (path === '') return { type: 'deferred' };
  return { type: 'input-addressed', path: parseStorePath(directory, path) };
}

/**
 * Reads `sha256` or `r:sha256`, which say how an output is hashed.
 * @throws NixFormatError
 */
export function parseMethodAndAlgorithm(text: string): {
  readonly method: ContentAddressMethod;
  readonly algorithm: HashAlgorithm;
} {
  for (const method of ['nar', 'text', 'git'] as const) {
    const prefix = methodPrefixes[method];
    if (text.startsWith(prefix))
      return { method, algorithm: parseHashAlgorithm(text.slice(prefix.length)) };
  }
  return { method: 'flat', algorithm: parseHashAlgorithm(text) };
}

/** The three texts for an output, as `.drv` files and BuildDerivation have them. */
export function printOutputFields(
  directory: StoreDirectory,
  output: DerivationOutput,
): OutputFields {
  if (output.type === 'deferred') return { path: '', hashAlgorithm: '', hash: '' };
  if (output.type === 'input-addressed')
    return { path: printStorePath(directory, output.path), hashAlgorithm: '', hash: '' };
  if (output.type === 'fixed') {
    const { method, hash } = output.contentAddress;
    return {
      path: printStorePath(directory, output.path),
      hashAlgorithm: methodPrefixes[method] + hash.algorithm,
      hash: printHash(hash, 'base16'),
    };
  }
  return {
    path: '',
    hashAlgorithm: methodPrefixes[output.method] + output.algorithm,
    hash: output.type === 'impure' ? 'impure' : '',
  };
}
