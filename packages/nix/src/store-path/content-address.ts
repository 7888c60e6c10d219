import { NixFormatError } from '../format-error.ts';
import { parseHash, parseHashAlgorithm, printHash } from '../hash/hash.ts';
import type { Hash, HashAlgorithm } from '../hash/hash.ts';

/**
 * What of an object is hashed: its `flat` file contents, its archive (`nar`), its Git tree, or, for
 * `text`, its flat contents together with its references.
 */
export type ContentAddressMethod = 'text' | 'flat' | 'nar' | 'git';

/** Says what an object contains, so that nobody has to be trusted about it. */
export type ContentAddress = { readonly method: ContentAddressMethod; readonly hash: Hash };

const prefixes: Readonly<Record<ContentAddressMethod, string>> = {
  text: 'text:',
  flat: 'fixed:',
  nar: 'fixed:r:',
  git: 'fixed:git:',
};

/** As in path infos and narinfo files: `fixed:r:sha256:<nix32>`. */
export function printContentAddress(address: ContentAddress): string {
  const { algorithm } = address.hash;
  return `${printContentAddressMethod(address.method, algorithm)}:${printHash(address.hash, 'nix32')}`;
}

/** The method that AddToStore takes: `fixed:r:sha256`. */
export function printContentAddressMethod(
  method: ContentAddressMethod,
  algorithm: HashAlgorithm,
): string {
  return `${prefixes[method]}${algorithm}`;
}

/** @throws NixFormatError */
export function parseContentAddress(text: string): ContentAddress {
  const match = /^(text:|fixed:(?:r:|git:)?)([^:]+):(.*)$/s.exec(text);
  const method = methods.get(match?.[1] ?? '');
  if (method === undefined)
    throw new NixFormatError(`'${text}' is no content address, such as fixed:r:sha256:<digits>`);
  const hash = parseHash(match?.[3] ?? '', parseHashAlgorithm(match?.[2] ?? ''));
  return { method, hash };
}

const methods = new Map<string, ContentAddressMethod>([
  ['text:', 'text'],
  ['fixed:', 'flat'],
  ['fixed:r:', 'nar'],
  ['fixed:git:', 'git'],
]);
