import type { Readable, Writable } from 'node:stream';

/** What comes in pieces. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Sends a stream through something that takes at one end and gives at the other: a codec, or a program. Takes no more
 * than is asked for, and nothing before it is done with what came before: the source may use its memory again. What goes
 * wrong on either side is thrown here, and both ends are destroyed.
 */
export async function* through(
  source: Chunks,
  input: Writable,
  output: Readable,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feeding = feed(source, input);
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

async function feed(source: Chunks, input: Writable): Promise<void> {
  // Whatever goes wrong is told to who writes, too.
  input.on('error', () => {});
  for await (const chunk of source)
    await new Promise<void>((done, fail) => {
      input.write(chunk, (error) => (error ? fail(error) : done()));
    });
  await new Promise<void>((done, fail) => {
    input.end((error?: Error | null) => (error ? fail(error) : done()));
  });
}
