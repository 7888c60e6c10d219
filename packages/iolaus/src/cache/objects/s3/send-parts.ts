import type { UploadedPart } from './multipart.ts';
import type { Part } from './part-buffers.ts';

/** `number` from 1. */
export type SendPart = (part: Buffer, number: number, signal: AbortSignal) => Promise<UploadedPart>;

/** Sends parts, as many at a time as there is memory for. When one fails, the others are given up. */
export async function sendParts(
  parts: AsyncIterable<Part>,
  sendPart: SendPart,
): Promise<UploadedPart[]> {
  const failing = new AbortController();
  const sendings: Promise<UploadedPart>[] = [];
  const send = async (sent: Part, number: number): Promise<UploadedPart> => {
    using part = sent;
    try {
      return await sendPart(part.bytes, number, failing.signal);
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  };
  try {
    for await (const part of parts) {
      const sending = send(part, sendings.length + 1);
      sending.catch(() => {});
      sendings.push(sending);
      if (failing.signal.aborted) break;
    }
    return await Promise.all(sendings);
  } catch (error) {
    failing.abort(error);
    await Promise.allSettled(sendings);
    // The first that failed is why the others did.
    throw failing.signal.reason;
  }
}

/** What was taken from an iterator already, and then the rest of it. */
export async function* resume<Item>(
  begun: Item,
  rest: AsyncIterable<Item>,
): AsyncGenerator<Item, void, undefined> {
  yield begun;
  yield* rest;
}
