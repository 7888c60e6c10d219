import type { ZstdCompress, ZstdDecompress } from 'node:zlib';

export type CoderInput = {
  readonly bytes: Uint8Array;
  /** Whatever has gone in shall come out at once. */
  readonly flush: boolean;
};

/**
 * What a coder makes of the inputs. Throws what the inputs or the coder throw. Leaving the loop early destroys the
 * coder and leaves the inputs.
 */
export async function* throughCoder(
  inputs: AsyncIterable<CoderInput>,
  coder: ZstdCompress | ZstdDecompress,
): AsyncGenerator<Buffer, void, void> {
  void feed(inputs, coder);
  yield* coder;
}

/** Hands its failures to the coder, whose reader sees them. */
async function feed(
  inputs: AsyncIterable<CoderInput>,
  coder: ZstdCompress | ZstdDecompress,
): Promise<void> {
  try {
    for await (const { bytes, flush } of inputs) {
      const written = new Promise<void>((resolve) => {
        coder.write(bytes, () => resolve());
      });
      if (coder.writableNeedDrain) await written;
      if (coder.destroyed) return;
      if (flush) coder.flush();
    }
    coder.end();
  } catch (error) {
    coder.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
