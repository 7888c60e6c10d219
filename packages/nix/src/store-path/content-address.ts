import { NixFormatError, quote, readAt } from '../format-error.ts';
import { parseHash, printHash } from '../hash/hash.ts';
import type { Hash, HashAlgorithm } from '../hash/hash.ts';

/**
 * What of an object is hashed: its `flat` file contents, its archive (`nar`), its Git tree, or, for
 * `text`, its flat contents together with its references.
 */
export type ContentAddressMethod = 'text' | 'flat' | 'nar' | 'git';

/**
 * Reads the name of a method, as JSON has it.
 * @throws NixFormatError
 */
export function parseContentAddressMethod(text: string): ContentAddressMethod {
  if (text === 'flat' || text === 'nar' || text === 'text' || text === 'git') return text;
  throw new NixFormatError(`${quote(text)} is no method; there are flat, nar, text and git`, {
    offset: 0,
  });
}

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

/**
 * Reads what `printContentAddress` writes; the digits may be in base 16 or base 64 too, as for Nix.
 * @throws NixFormatError
 */
export function parseContentAddress(text: string): ContentAddress {
  const [, prefix = '', algorithm = ''] = /^(text:|fixed:(?:r:|git:)?)([^:]+):/.exec(text) ?? [];
  const method = methods.get(prefix);
  if (method === undefined)
    throw new NixFormatError(
      `${quote(text)} is no content address, such as fixed:r:sha256:<digits>`,
      {
        offset: 0,
      },
    );
  const hash = readAt({ offset: prefix.length, field: 'hash' }, () =>
    parseHash(`${algorithm}:${text.slice(prefix.length + algorithm.length + 1)}`),
  );
  return { method, hash };
}

const methods = new Map<string, ContentAddressMethod>([
  ['text:', 'text'],
  ['fixed:', 'flat'],
  ['fixed:r:', 'nar'],
  ['fixed:git:', 'git'],
]);
