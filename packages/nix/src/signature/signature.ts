import { sign, verify } from 'node:crypto';
import { NixFormatError, quote } from '../format-error.ts';
import type { PublicKey, SecretKey } from './key.ts';

/** Who signed, and the 64 bytes of the signature. */
export type Signature = { readonly keyName: string; readonly bytes: Uint8Array };

const sizeInBytes = 64;

/** Signs a text: `<key name>:<base64>`. The same key and text always give the same signature. */
export function signText(key: SecretKey, text: string | Uint8Array): string {
  const bytes = sign(null, Buffer.from(text), key.key);
  return `${key.name}:${bytes.toString('base64')}`;
}

/** Reads `<key name>:<base64>`. @throws NixFormatError */
export function parseSignature(text: string): Signature {
  const colon = text.indexOf(':');
  if (colon <= 0)
    throw new NixFormatError(
      `${quote(text)} is no signature: that is a key's name, a colon and base 64`,
      {
        offset: 0,
      },
    );
  const digits = text.slice(colon + 1);
  const bytes = Buffer.from(digits, 'base64');
  if (bytes.length !== sizeInBytes || bytes.toString('base64') !== digits)
    throw new NixFormatError(`${quote(text)} is no signature of ${sizeInBytes} bytes in base 64`, {
      offset: colon + 1,
    });
  return { keyName: text.slice(0, colon), bytes };
}

/**
 * Whether one of the keys made this signature of the text. One that is malformed, or by a key that is
 * not among them, is not good, as in Nix.
 */
export function isSignedBy(
  keys: readonly PublicKey[],
  text: string | Uint8Array,
  signature: string,
): boolean {
  const named = keys.filter(({ name }) => signature.startsWith(`${name}:`));
  if (named.length === 0) return false;
  const bytes = signatureBytes(signature);
  return bytes !== null && named.some(({ key }) => verify(null, Buffer.from(text), key, bytes));
}

function signatureBytes(signature: string): Uint8Array | null {
  try {
    return parseSignature(signature).bytes;
  } catch (error) {
    if (error instanceof NixFormatError) return null;
    throw error;
  }
}
