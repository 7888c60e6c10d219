import { read as readCallback } from 'node:fs';
import { promisify } from 'node:util';

const read = promisify(readCallback);

/** A GiB of small files was restored in 0.67 s with chunks of this size, in 0.85 s with a quarter of it or with twice it. */
const chunkInBytes = 1024 * 1024;

/**
 * Reads a file or pipe from where it stands to its end. The next chunk is read by another thread while the last one is
 * worked on. There are two buffers in turn: a chunk is good until the next is asked for.
 * @param descriptor stays open
 */
export async function* readAhead(descriptor: number): AsyncGenerator<Uint8Array, void, undefined> {
  const readInto = (buffer: Buffer): Promise<Buffer> => {
    const reading = read(descriptor, buffer, 0, buffer.length, null);
    const chunk = reading.then(({ bytesRead }) => buffer.subarray(0, bytesRead));
    // An error waits until the chunk is asked for.
    chunk.catch(() => {});
    return chunk;
  };
  let current = Buffer.allocUnsafeSlow(chunkInBytes);
  let other = Buffer.allocUnsafeSlow(chunkInBytes);
  let coming = readInto(current);
  try {
    for (;;) {
      const chunk = await coming;
      if (chunk.length === 0) return;
      coming = readInto(other);
      [current, other] = [other, current];
      yield chunk;
    }
  } finally {
    // The descriptor may be closed, and used for another file, as soon as we have returned.
    await coming.catch(() => {});
  }
}
