import { constants, createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import { CallError } from '../call-error.ts';
import { frameParts } from './frame-parts.ts';
import type { FramePart } from './frame-parts.ts';
import { throughCoder } from './through-coder.ts';
import type { CoderInput } from './through-coder.ts';

// 32 MiB, which every decoder grants; what runners and builders send has 2 MiB. Bounds the memory of a decoder.
const windowLog = 25;
// Most logs are smaller, and to hand them to another thread costs five times as much as to decompress them.
const smallFrameBytes = 16 * 1024;
// What a small frame may become without leaving this thread for other work: a few milliseconds.
const smallResultBytes = 1024 * 1024;
const resultPieceBytes = 256 * 1024;

const params = { [constants.ZSTD_d_windowLogMax]: windowLog };

/**
 * The contents of one or several zstd frames. Throws `CallError('invalid-argument')` for what is damaged, what breaks
 * off, and what is no frame, also behind a frame; and whatever `pieces` throws.
 */
export async function* decompress(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, void> {
  const parts = frameParts(pieces);
  try {
    for (;;) {
      const first = await parts.next();
      if (first.done === true) return;
      const small = decompressSmall(first.value);
      if (small === null) yield* decompressLarge(first.value, parts);
      else if (small.length > 0) yield small;
    }
  } catch (error) {
    throw isZstdError(error)
      ? new CallError('invalid-argument', 'the compressed data is damaged', { cause: error })
      : error;
  } finally {
    // Does not wait: the other side may be silent for long.
    void parts.return().catch(() => {});
  }
}

/** Null for a frame that is not there as a whole, or that is not small. */
function decompressSmall({ bytes, endsFrame }: FramePart): Buffer | null {
  if (!endsFrame || bytes.length > smallFrameBytes) return null;
  try {
    return zstdDecompressSync(bytes, { params, maxOutputLength: smallResultBytes });
  } catch (error) {
    if (hasCode(error) && error.code === 'ERR_BUFFER_TOO_LARGE') return null;
    throw error;
  }
}

function decompressLarge(
  first: FramePart,
  parts: AsyncGenerator<FramePart, void, void>,
): AsyncGenerator<Buffer, void, void> {
  const decoder = createZstdDecompress({ params, chunkSize: resultPieceBytes });
  return throughCoder(restOfFrame(first, parts), decoder);
}

async function* restOfFrame(
  first: FramePart,
  parts: AsyncGenerator<FramePart, void, void>,
): AsyncGenerator<CoderInput, void, void> {
  for (let part = first; ;) {
    yield { bytes: part.bytes, flush: false };
    if (part.endsFrame) return;
    const next = await parts.next();
    if (next.done === true) return;
    part = next.value;
  }
}

function isZstdError(error: unknown): boolean {
  return hasCode(error) && /^ZSTD_|^Z_/.test(error.code);
}

function hasCode(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
