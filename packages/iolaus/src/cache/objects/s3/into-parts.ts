import { partBuffers } from './part-buffers.ts';
import type { Part, PartBuffers } from './part-buffers.ts';

/**
 * The same bytes in parts of exactly that size; the last may be shorter, and there is none of nothing. They are copied, so
 * that the chunks they came in are free at once. Waits while others have all the memory there is for parts.
 */
export async function* intoParts(
  chunks: AsyncIterable<Uint8Array>,
  partBytes: number,
  buffers: PartBuffers = partBuffers,
): AsyncGenerator<Part, void, undefined> {
  let filling: Part | undefined;
  try {
    for await (const chunk of chunks) {
      for (let start = 0; start < chunk.length;) {
        filling ??= await buffers.take(partBytes);
        start += filling.fill(chunk.subarray(start));
        if (!filling.isFull) continue;
        const full = filling;
        filling = undefined;
        yield full;
      }
    }
    const last = filling;
    filling = undefined;
    if (last !== undefined) yield last;
  } finally {
    filling?.[Symbol.dispose]();
  }
}

/** All of what is known to be no longer than that. */
export async function intoOnePart(
  chunks: AsyncIterable<Uint8Array>,
  sizeInBytesMax: number,
): Promise<Part> {
  const whole = await partBuffers.take(sizeInBytesMax);
  try {
    for await (const chunk of chunks)
      if (whole.fill(chunk) < chunk.length)
        throw new RangeError(`there are more than the ${sizeInBytesMax} bytes that were announced`);
    return whole;
  } catch (error) {
    whole[Symbol.dispose]();
    throw error;
  }
}
