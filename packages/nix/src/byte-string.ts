declare const byteString: unique symbol;

/**
 * Bytes of any kind as a string with one character (U+0000 to U+00FF) for each byte. The texts in a
 * derivation need not be UTF-8, and hashes depend on every byte, so they are kept this way.
 */
export type ByteString = string & { readonly [byteString]: true };

const beyondAscii = /[^\0-\x7f]/;

/** The bytes of `text` in UTF-8. */
export function fromUtf8(text: string): ByteString {
  return assumeBytes(beyondAscii.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text);
}

/** The bytes read as UTF-8; what is not UTF-8 becomes U+FFFD. */
export function toUtf8(bytes: ByteString): string {
  return beyondAscii.test(bytes) ? toBytes(bytes).toString('utf8') : bytes;
}

/** A copy of `bytes`, one character for each. */
export function fromBytes(bytes: Uint8Array): ByteString {
  return assumeBytes(asBuffer(bytes).toString('latin1'));
}

/** The bytes themselves, in a new buffer. */
export function toBytes(bytes: ByteString): Buffer {
  return Buffer.from(bytes, 'latin1');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @internal Takes a text whose characters are known to stand for one byte each. */
export function assumeBytes(text: string): ByteString {
  return text as ByteString;
}
