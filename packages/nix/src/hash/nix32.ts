import { NixFormatError, quote } from '../format-error.ts';

/** Digits and letters without e, o, t and u, so that no digest spells a word. */
const digits = '0123456789abcdfghijklmnpqrsvwxyz';
const bitsOfDigit = 5;

/** How many nix32 digits `byteCount` bytes take. */
export function nix32Length(byteCount: number): number {
  return Math.ceil((byteCount * 8) / bitsOfDigit);
}

/**
 * Nix's base 32. The bytes are one little-endian number; its digits are written from the top, so the
 * first character holds the highest bits of the last byte.
 */
export function printNix32(bytes: Uint8Array): string {
  let text = '';
  for (let place = nix32Length(bytes.length) - 1; place >= 0; place--) {
    const bit = place * bitsOfDigit;
    const low = bytes[bit >> 3] ?? 0;
    const high = bytes[(bit >> 3) + 1] ?? 0;
    text += digits.charAt(((low | (high << 8)) >> (bit & 7)) & 31);
  }
  return text;
}

/**
 * Reads `byteCount` bytes from nix32 digits.
 * @param offset where the digits begin in what a person knows; format errors count from there
 * @throws NixFormatError for a wrong length, a foreign character, or bits beyond the last byte.
 */
export function parseNix32(text: string, byteCount: number, offset = 0): Uint8Array {
  if (text.length !== nix32Length(byteCount))
    throw new NixFormatError(
      `${quote(text)} has ${text.length} characters, but ${byteCount} bytes in nix32 have ${nix32Length(byteCount)}`,
      { offset },
    );
  const bytes = new Uint8Array(byteCount);
  for (let place = 0; place < text.length; place++) {
    const index = text.length - 1 - place;
    const digit = digits.indexOf(text.charAt(index));
    if (digit === -1)
      throw new NixFormatError(
        `'${text}' is no nix32 text: it contains ${quote(text.charAt(index))}`,
        {
          offset: offset + index,
        },
      );
    if (!addDigit(bytes, place * bitsOfDigit, digit))
      throw new NixFormatError(`'${text}' is no nix32 text: its first digit is too large`, {
        offset,
      });
  }
  return bytes;
}

/** Returns whether all bits of the digit found their place. */
function addDigit(bytes: Uint8Array, bit: number, digit: number): boolean {
  const index = bit >> 3;
  const shifted = digit << (bit & 7);
  bytes[index] = (bytes[index] ?? 0) | (shifted & 0xff);
  const carried = shifted >> 8;
  if (carried === 0) return true;
  if (index + 1 >= bytes.length) return false;
  bytes[index + 1] = (bytes[index + 1] ?? 0) | carried;
  return true;
}
