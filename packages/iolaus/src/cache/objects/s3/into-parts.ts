/**
 * The same bytes in parts of exactly that size; the last may be shorter, and there is none of nothing. Each part is copied
 * into a buffer of its own, so that the chunks it came in are free at once.
 * @param sizeInBytesMax of all: no part has room for more
 * @param spare where whoever is done with a full part may put it, to be filled again; others may take from there, too
 */
export async function* intoParts(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
  sizeInBytesMax: number,
  spare: Buffer[] = [],
): AsyncGenerator<Buffer, void, undefined> {
  const room = Math.min(partBytes, Math.max(Math.ceil(sizeInBytesMax), 1));
  const takeBuffer = (): Buffer => {
    const fitting = spare.findIndex(({ length }) => length === room);
    const [found] = fitting < 0 ? [] : spare.splice(fitting, 1);
    return found ?? Buffer.allocUnsafeSlow(room);
  };
  let part = takeBuffer();
  let filled = 0;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const taken = chunk.subarray(start, start + room - filled);
      part.set(taken, filled);
      filled += taken.length;
      start += taken.length;
      if (filled < room) continue;
      yield part;
      part = takeBuffer();
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
