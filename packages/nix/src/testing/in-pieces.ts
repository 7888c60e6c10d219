/** The same bytes in chunks of these sizes, and the rest in one. */
export function* inPieces(bytes: Buffer, sizes: Iterable<number>): Generator<Buffer> {
  let start = 0;
  for (const size of sizes) {
    yield bytes.subarray(start, start + size);
    start = Math.min(start + size, bytes.length);
  }
  yield bytes.subarray(start);
}
