/** The same bytes in parts of exactly that size; the last may be shorter, and there is none of nothing. */
export async function* intoParts(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  let gathered: Uint8Array[] = [];
  let size = 0;
  const take = (): Buffer => {
    const part = Buffer.concat(gathered);
    gathered = [];
    size = 0;
    return part;
  };
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const end = Math.min(start + partBytes - size, chunk.length);
      gathered.push(chunk.subarray(start, end));
      size += end - start;
      start = end;
      if (size === partBytes) yield take();
    }
  }
  if (size > 0) yield take();
}
