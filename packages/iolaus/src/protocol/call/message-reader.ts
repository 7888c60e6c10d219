import type { Readable } from 'node:stream';
import { CallError } from '../call-error.ts';
import { messageLimitBytes } from '../version.ts';
import { MessageCutter } from './message-frame.ts';
import type { Claim } from './message-frame.ts';

/**
 * The messages of a stream, to be read once; the peer is held back while nobody asks for more. Leaving the loop early
 * leaves the stream open. Throws `CallError`: for a breach of the framing, or `unavailable` if the stream is lost.
 */
export async function* readMessages(
  stream: Readable,
  claim: Claim,
): AsyncGenerator<Uint8Array, void, void> {
  const cutter = new MessageCutter(messageLimitBytes, claim);
  stream.once('close', () => cutter.release());
  for await (const piece of readPieces(stream)) yield* cutter.push(piece);
  cutter.finish();
}

/** The one message of a stream. Throws `CallError` if there is none or if there are several. */
export async function readOnlyMessage(messages: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let only: Uint8Array | undefined;
  for await (const message of messages) {
    if (only !== undefined) throw new CallError('invalid-argument', 'more than one message');
    only = message;
  }
  if (only === undefined) throw new CallError('invalid-argument', 'no message');
  return only;
}

async function* readPieces(stream: Readable): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* stream.iterator({ destroyOnReturn: false });
  } catch (error) {
    throw new CallError('unavailable', 'the connection was lost', { cause: error });
  }
}
