import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { NixFormatError, quote, readAt } from '../format-error.ts';

/** Signs in its name. Ed25519, as all of Nix's keys. */
export type SecretKey = { readonly name: string; readonly key: KeyObject };

/** Tells whether a signature of its name is true. */
export type PublicKey = { readonly name: string; readonly key: KeyObject };

const seedInBytes = 32;
const publicInBytes = 32;
/** What stands before the raw bytes of an Ed25519 key in PKCS 8 and in SPKI, the forms that Node.js reads. */
const secretPrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** A new key of that name. @throws NixFormatError for a name that no key can have */
export function generateSecretKey(name: string): SecretKey {
  checkKeyName(name);
  return { name, key: generateKeyPairSync('ed25519').privateKey };
}

/** The key that verifies what this one signs. */
export function publicKeyOf({ name, key }: SecretKey): PublicKey {
  return { name, key: createPublicKey(key) };
}

/** The text of a secret key file: name, colon, and base 64 of seed and public key. No newline. */
export function printSecretKey(secret: SecretKey): string {
  const seed = secret.key.export({ type: 'pkcs8', format: 'der' }).subarray(secretPrefix.length);
  const bytes = Buffer.concat([seed, rawPublicKey(publicKeyOf(secret))]);
  return `${secret.name}:${bytes.toString('base64')}`;
}

/** As in `trusted-public-keys`: name, colon, and base 64 of 32 bytes. */
export function printPublicKey(key: PublicKey): string {
  return `${key.name}:${rawPublicKey(key).toString('base64')}`;
}

function rawPublicKey({ key }: PublicKey): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(publicPrefix.length);
}

/**
 * Reads a secret key file; white space around the key is ignored. Errors do not quote the key.
 * @throws NixFormatError, also where the two halves of the key do not belong together
 */
export function parseSecretKey(text: string): SecretKey {
  const { name, bytes, offset } = parseKey(text, 'secret key', seedInBytes + publicInBytes);
  const der = Buffer.concat([secretPrefix, bytes.subarray(0, seedInBytes)]);
  const secret = { name, key: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
  if (!rawPublicKey(publicKeyOf(secret)).equals(bytes.subarray(seedInBytes)))
    throw new NixFormatError(`The secret key '${name}' is damaged: its halves do not match`, {
      offset,
    });
  return secret;
}

/** Reads one public key; white space around it is ignored. @throws NixFormatError */
export function parsePublicKey(text: string): PublicKey {
  const { name, bytes } = parseKey(text, 'public key', publicInBytes);
  const der = Buffer.concat([publicPrefix, bytes]);
  return { name, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

/** Reads keys with white space between them, as `trusted-public-keys` has them. @throws NixFormatError */
export function parsePublicKeys(text: string): PublicKey[] {
  return [...text.matchAll(/\S+/g)].map(({ 0: key, index }) =>
    readAt({ offset: index, field: 'key' }, () => parsePublicKey(key)),
  );
}

function parseKey(text: string, kind: string, size: number) {
  const [, space = '', name = '', digits = ''] = /^(\s*)([^:\s]+):([^\s:]+)\s*$/.exec(text) ?? [];
  if (name === '')
    throw new NixFormatError(`This is no ${kind}: that is a name, a colon and base 64`, {
      offset: 0,
    });
  const offset = space.length + name.length + 1;
  const bytes = Buffer.from(digits, 'base64');
  if (bytes.length !== size || bytes.toString('base64') !== digits)
    throw new NixFormatError(`The ${kind} ${quote(name)} is not ${size} bytes in base 64`, {
      offset,
    });
  return { name, bytes, offset };
}

function checkKeyName(name: string): void {
  if (!/^[^:\s]+$/.test(name))
    throw new NixFormatError(
      `${quote(name)} is no name for a key: it needs one without colons and spaces`,
      {
        offset: 0,
      },
    );
}
