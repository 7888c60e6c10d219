// A character of UTF-8 has four bytes at most.
export const characterBytesMax = 4;

/**
 * How many of these bytes make whole characters of UTF-8: all, but for the beginning of one at the end. Bytes that are
 * no UTF-8 count as whole, since nothing that follows could mend them.
 */
export function countWholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back < characterBytesMax && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0b1100_0000) return lengthFrom(byte) > back ? bytes.length - back : bytes.length;
    if (byte < 0b1000_0000) break;
  }
  return bytes.length;
}

/** Bytes of a character that begins with this one; 1 for a byte that begins none. */
function lengthFrom(byte: number): number {
  if (byte >= 0b1111_0000) return byte < 0b1111_1000 ? 4 : 1;
  return byte >= 0b1110_0000 ? 3 : 2;
}
