import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What comes in pieces. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Sends a stream through something that takes at one end and gives at the other: a codec, or a program. Takes no more
 * than is asked for. What goes wrong on either side is thrown here, and both ends are destroyed.
 */
export async function* through(
  source: Chunks,
  input: Writable,
  output: Readable,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feeding = pipeline(source, input);
  feeding.catch((error: unknown) =>
    output.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    yield* output;
    await feeding;
  } finally {
    output.destroy();
    input.destroy();
    await feeding.catch(() => {});
  }
}
