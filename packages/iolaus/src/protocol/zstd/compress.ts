import { constants, createZstdCompress, zstdCompressSync } from 'node:zlib';
import { inBatches } from './batches.ts';
import type { Batch } from './batches.ts';
import { throughCoder } from './through-coder.ts';
import type { CoderInput } from './through-coder.ts';

// Nix's and Hydra's own level: 7 ms a megabyte; higher ones cost more than a network of 1 Gb/s gains by them.
const params = { [constants.ZSTD_c_compressionLevel]: 3 };
// With Node's 16 KiB each way, a fifth of the time goes into handing pieces from thread to thread.
const pieceBytes = 256 * 1024;
// Whole logs below this size are compressed on this thread, at a tenth of the cost.
const smallLogBytes = 64 * 1024;
// Whoever watches a log does not see the difference; a build that writes line by line costs 20 flushes a second.
const flushAfterMilliseconds = 50;
// A second is as good as for ever for bulk data; it only has to be full.
const bulkWaitMilliseconds = 1_000;

/** One zstd frame with the bytes of all pieces, in pieces as large as they become. */
export async function* compressBulk(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, void> {
  const limits = { fullBytes: pieceBytes, waitMilliseconds: bulkWaitMilliseconds };
  const coder = createZstdCompress({ params, chunkSize: pieceBytes });
  yield* throughCoder(asInputs(inBatches(pieces, limits)), coder);
}

/** One zstd frame with the bytes of all pieces; what went in comes out after a moment, though nothing may follow. */
export async function* compressLive(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, void> {
  const batches = inBatches(pieces, {
    fullBytes: smallLogBytes,
    waitMilliseconds: flushAfterMilliseconds,
  });
  const first = await batches.next();
  if (first.done === true) return;
  if (first.value.because === 'end') yield zstdCompressSync(first.value.bytes, { params });
  else yield* throughCoder(asInputs(batches, first.value), createZstdCompress({ params }));
}

async function* asInputs(
  batches: AsyncIterable<Batch>,
  first?: Batch,
): AsyncGenerator<CoderInput, void, void> {
  if (first !== undefined) yield asInput(first);
  for await (const batch of batches) yield asInput(batch);
}

const asInput = ({ bytes, because }: Batch): CoderInput => ({ bytes, flush: because === 'time' });
