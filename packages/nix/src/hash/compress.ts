/** Folds a digest to `size` bytes: each byte is XORed into its place modulo `size`. */
export function compressDigest(digest: Uint8Array, size: number): Uint8Array {
  const folded = new Uint8Array(size);
  for (const [index, byte] of digest.entries()) {
    const place = index % size;
    folded[place] = (folded[place] ?? 0) ^ byte;
  }
  return folded;
}
