import { NixFormatError } from '../format-error.ts';
import { compressDigest } from '../hash/compress.ts';
import { computeHash, printHash } from '../hash/hash.ts';
import type { Hash } from '../hash/hash.ts';
import { printNix32 } from '../hash/nix32.ts';
import type { ContentAddress } from './content-address.ts';
import { checkStorePathName, parseBaseName, printStorePath } from './store-path.ts';
import type { StoreDirectory, StorePath } from './store-path.ts';

/** 160 bits of the hash go into a path, which makes 32 nix32 digits. */
const pathDigestSize = 20;

/** What an object refers to; `self` where it contains its own path. */
export type References = { readonly paths: readonly StorePath[]; readonly self: boolean };

/**
 * The rule all store paths follow: a digest over what kind of object it is (`type`), the hash that
 * identifies it among those, the store directory, and the name.
 * @throws NixFormatError for a bad name
 */
export function makeStorePath(
  directory: StoreDirectory,
  type: string,
  inner: Hash,
  name: string,
): StorePath {
  checkStorePathName(name);
  const identity = `${type}:${inner.algorithm}:${printHash(inner, 'base16')}:${directory}:${name}`;
  const digest = compressDigest(computeHash('sha256', identity).digest, pathDigestSize);
  return parseBaseName(`${printNix32(digest)}-${name}`);
}

/** Where a text, such as a derivation, is stored; `hash` is the SHA-256 of its bytes. */
export function makeTextPath(
  directory: StoreDirectory,
  name: string,
  hash: Hash,
  references: readonly StorePath[] = [],
): StorePath {
  const type = ['text', ...sortedFullPaths(directory, references)].join(':');
  return makeStorePath(directory, type, hash, name);
}

/**
 * Where an object with this content address is stored. Only archives hashed with SHA-256, and
 * texts, can have references.
 * @throws NixFormatError for references that the method does not allow
 */
export function makeFixedOutputPath(
  directory: StoreDirectory,
  name: string,
  address: ContentAddress,
  references: References = { paths: [], self: false },
): StorePath {
  const { method, hash } = address;
  if (method === 'text') return makeTextPath(directory, name, hash, references.paths);
  if (method === 'nar' && hash.algorithm === 'sha256') {
    const self = references.self ? ['self'] : [];
    const type = ['source', ...sortedFullPaths(directory, references.paths), ...self].join(':');
    return makeStorePath(directory, type, hash, name);
  }
  if (references.self || references.paths.length > 0)
    throw new NixFormatError(`${name} has references, which its content address cannot cover`);
  const inner = computeHash('sha256', fixedOutputText(address));
  return makeStorePath(directory, 'output:out', inner, name);
}

function fixedOutputText({ method, hash }: ContentAddress): string {
  const prefix = method === 'nar' ? 'r:' : method === 'git' ? 'git:' : '';
  return `fixed:out:${prefix}${hash.algorithm}:${printHash(hash, 'base16')}:`;
}

function sortedFullPaths(directory: StoreDirectory, paths: readonly StorePath[]): string[] {
  return [...new Set(paths)].sort().map((path) => printStorePath(directory, path));
}
