import { NixFormatError, quote } from '../format-error.ts';

declare const storeDirectoryBrand: unique symbol;
declare const storePathBrand: unique symbol;
declare const derivationPathBrand: unique symbol;

/** The folder that all paths of a store begin with, such as `/nix/store`; no trailing slash. */
export type StoreDirectory = string & { readonly [storeDirectoryBrand]: true };

/** The base name of a store object: 32 nix32 digits, a dash, and its name. */
export type StorePath = string & { readonly [storePathBrand]: true };

/** The base name of a derivation, which ends in `.drv`. */
export type DerivationPath = StorePath & { readonly [derivationPathBrand]: true };

const digestLength = 32;
const derivationSuffix = '.drv';
// Nix keeps base names short enough for a file name of 255 bytes with `.lock`, `.chroot` and the like.
const longestName = 211;
const name = `[0-9a-zA-Z+\\-._?=]{1,${longestName}}`;
const namePattern = new RegExp(`^(?!\\.{1,2}(?:-|$))${name}$`);
const baseNamePattern = new RegExp(
  `^[0-9a-df-np-sv-z]{${digestLength}}-(?!\\.{1,2}(?:-|$))${name}$`,
);
// Printable ASCII, so that the directory reads the same in a derivation, on the wire and in JavaScript.
const directoryPattern = /^(?:\/(?!\.{1,2}(?:\/|$))[!-.0-~][ -.0-~]*)+$/;

/**
 * An absolute, normal path without trailing slash, of printable ASCII.
 * @throws NixFormatError
 */
export function storeDirectory(text: string): StoreDirectory {
  if (!directoryPattern.test(text))
    throw new NixFormatError(
      `${quote(text)} is no store directory: that is a path like /nix/store`,
      {
        offset: 0,
      },
    );
  return text as StoreDirectory;
}

/** The directory of all stores that do not say otherwise. */
export const defaultStoreDirectory: StoreDirectory = storeDirectory('/nix/store');

/** @throws NixFormatError unless `text` is `<32 nix32 digits>-<name>`. */
export function parseBaseName(text: string): StorePath {
  return checkBaseName(text, 0);
}

function checkBaseName(text: string, offset: number): StorePath {
  if (!baseNamePattern.test(text))
    throw new NixFormatError(
      `${quote(text)} is no store path: that is 32 nix32 digits, a dash and a name`,
      { offset },
    );
  return text as StorePath;
}

/** @throws NixFormatError unless `text` is a direct child of `directory` with a valid name. */
export function parseStorePath(directory: StoreDirectory, text: string): StorePath {
  if (!text.startsWith(directory) || text.charAt(directory.length) !== '/')
    throw new NixFormatError(`${quote(text)} is not in the store ${directory}`, { offset: 0 });
  return checkBaseName(text.slice(directory.length + 1), directory.length + 1);
}

/**
 * Reads a full path, or a base name alone: Nix's JSON has either, depending on its version.
 * @throws NixFormatError
 */
export function parseAnyStorePath(directory: StoreDirectory, text: string): StorePath {
  return text.startsWith('/') ? parseStorePath(directory, text) : parseBaseName(text);
}

/** The full path, such as `/nix/store/<digest>-<name>`. */
export function printStorePath(directory: StoreDirectory, path: StorePath): string {
  return `${directory}/${path}`;
}

/** @throws NixFormatError unless `path` is a valid base name that ends in `.drv`. */
export function derivationPath(path: string): DerivationPath {
  const valid = parseBaseName(path);
  if (!isDerivationPath(valid))
    throw new NixFormatError(`'${path}' is no derivation: its name does not end in .drv`, {
      offset: 0,
    });
  return valid;
}

/** Whether the name ends in `.drv`, as those of derivations and of nothing else should. */
export function isDerivationPath(path: StorePath): path is DerivationPath {
  return path.endsWith(derivationSuffix);
}

/** The 32 digits before the dash, which are unique within a store. */
export function storePathDigest(path: StorePath): string {
  return path.slice(0, digestLength);
}

/** What comes after the dash, such as `hello-2.12` or `hello-2.12.drv`. */
export function storePathName(path: StorePath): string {
  return path.slice(digestLength + 1);
}

/** The name of the derivation itself, without `.drv`. */
export function derivationName(path: DerivationPath): string {
  return storePathName(path).slice(0, -derivationSuffix.length);
}

/** @throws NixFormatError unless a store object may have this name. */
export function checkStorePathName(text: string): void {
  if (!namePattern.test(text))
    throw new NixFormatError(
      `${quote(text)} is no name for a store object: 1 to ${longestName} of the characters 0-9 a-z A-Z + - . _ ? =`,
      { offset: 0 },
    );
}
