import { CallError } from '../call-error.ts';
import { FrameScanner } from './frame-scanner.ts';

export type FramePart = { readonly bytes: Uint8Array; readonly endsFrame: boolean };

/**
 * The pieces, cut where zstd frames end. Throws `CallError('invalid-argument')` for what is no frame, and if the
 * pieces end within one.
 */
export async function* frameParts(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<FramePart, void, void> {
  const scanner = new FrameScanner();
  for await (const piece of pieces) {
    let offset = 0;
    while (offset < piece.length) {
      const end = scanner.frameEnd(piece, offset);
      yield { bytes: piece.subarray(offset, end ?? piece.length), endsFrame: end !== null };
      offset = end ?? piece.length;
    }
  }
  if (!scanner.betweenFrames) {
    throw new CallError('invalid-argument', 'the compressed data breaks off');
  }
}
