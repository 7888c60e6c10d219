import { hash as digestOf } from 'node:crypto';
import { blake3 } from '@noble/hashes/blake3.js';
import { NixFormatError, quote } from '../format-error.ts';
import { nix32Length, parseNix32, printNix32 } from './nix32.ts';

/** All that Nix knows; `blake3` only from 2.31 on, behind an experimental feature. */
export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512' | 'blake3';

/** A digest together with the algorithm that made it. */
export type Hash = { readonly algorithm: HashAlgorithm; readonly digest: Uint8Array };

/** `sri` is `sha256-<base64>`; the others are the bare digits, without the algorithm. */
export type HashFormat = 'base16' | 'nix32' | 'base64' | 'sri';

const sizeInBytes: Readonly<Record<HashAlgorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha512: 64,
  blake3: 32,
};

/** How long a digest of this algorithm is, in bytes. */
export function digestSize(algorithm: HashAlgorithm): number {
  return sizeInBytes[algorithm];
}

/** @throws NixFormatError for a name that Nix does not know. */
export function parseHashAlgorithm(text: string): HashAlgorithm {
  if (!isHashAlgorithm(text))
    throw new NixFormatError(
      `${quote(text)} is no hash algorithm of Nix; there are ${Object.keys(sizeInBytes).join(', ')}`,
      start,
    );
  return text;
}

function isHashAlgorithm(text: string): text is HashAlgorithm {
  return Object.hasOwn(sizeInBytes, text);
}

/** @throws NixFormatError unless the digest is as long as the algorithm makes it. */
export function makeHash(algorithm: HashAlgorithm, digest: Uint8Array): Hash {
  if (digest.length !== sizeInBytes[algorithm])
    throw new NixFormatError(
      `A ${algorithm} digest has ${sizeInBytes[algorithm]} bytes, not ${digest.length}`,
    );
  return { algorithm, digest: asBuffer(digest) };
}

/** The hash of some bytes, or of a text in UTF-8. */
export function computeHash(algorithm: HashAlgorithm, data: Uint8Array | string): Hash {
  if (algorithm !== 'blake3') return { algorithm, digest: digestOf(algorithm, data, 'buffer') };
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return { algorithm, digest: asBuffer(blake3(bytes)) };
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Whether both name the same digest of the same algorithm. */
export function equalHashes(one: Hash, other: Hash): boolean {
  return one.algorithm === other.algorithm && Buffer.compare(one.digest, other.digest) === 0;
}

/** Only `sri` names the algorithm; put `sha256:` before the others where a context wants it. */
export function printHash(hash: Hash, format: HashFormat): string {
  if (format === 'nix32') return printNix32(hash.digest);
  const digest = asBuffer(hash.digest);
  if (format === 'base16') return digest.toString('hex');
  const base64 = digest.toString('base64');
  return format === 'sri' ? `${hash.algorithm}-${base64}` : base64;
}

/**
 * Reads `sha256:<digits>`, `sha256-<base64>`, or, when the algorithm is given, bare digits. Digits
 * are in base 16, nix32 or base 64, told apart by their number, as Nix does.
 * @throws NixFormatError for anything else, and for another algorithm than the given one.
 */
export function parseHash(text: string, algorithm?: HashAlgorithm): Hash {
  const separator = text.search(/[:-]/);
  if (separator === -1 && algorithm === undefined)
    throw new NixFormatError(`${quote(text)} does not say which hash algorithm it is of`, start);
  const named = separator === -1 ? algorithm : parseHashAlgorithm(text.slice(0, separator));
  if (named === undefined || (algorithm !== undefined && named !== algorithm))
    throw new NixFormatError(`${quote(text)} should be a ${algorithm} hash`, start);
  const digits = text.slice(separator + 1);
  const parse = text.charAt(separator) === '-' ? parseBase64 : parseDigits;
  return { algorithm: named, digest: parse(digits, named, separator + 1) };
}

const start = { offset: 0 };

function parseDigits(digits: string, algorithm: HashAlgorithm, offset: number): Uint8Array {
  const size = sizeInBytes[algorithm];
  if (digits.length === size * 2) return parseBase16(digits, algorithm, offset);
  if (digits.length === nix32Length(size)) return asBuffer(parseNix32(digits, size, offset));
  return parseBase64(digits, algorithm, offset);
}

function parseBase16(digits: string, algorithm: HashAlgorithm, offset: number): Uint8Array {
  const digest = Buffer.from(digits, 'hex');
  if (digest.length === sizeInBytes[algorithm]) return digest;
  const wrong = offset + digits.search(/[^0-9a-f]/i);
  throw new NixFormatError(`'${digits}' is no ${algorithm} digest in base 16`, { offset: wrong });
}

function parseBase64(digits: string, algorithm: HashAlgorithm, offset: number): Uint8Array {
  const digest = Buffer.from(digits, 'base64');
  if (digest.length !== sizeInBytes[algorithm] || digest.toString('base64') !== digits)
    throw new NixFormatError(
      `${quote(digits)} is no ${algorithm} digest in base 16, nix32 or base 64`,
      { offset },
    );
  return digest;
}
