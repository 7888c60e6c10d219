import type { Writable } from 'node:stream';

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
  output: AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown },
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
  // A stream that is destroyed forgets to tell who writes just then.
  let fail: (error: Error) => void = () => {};
  input.on('error', (error) => fail(error));
  input.on('close', () => fail(new Error('nobody takes the stream any more')));
  const told = (tell: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      fail = reject;
      tell((error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
  for await (const chunk of source) await told((done) => void input.write(chunk, done));
  await told((done) => void input.end(done));
}
