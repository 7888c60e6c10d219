import type { UploadedPart } from './multipart.ts';

/** Hide the way to S3 and back. With the one that fills they are the memory of an upload. */
const partsInFlightMax = 2;
/** As many as two uploads use. */
const spareMax = 2 * partsInFlightMax;

/** `number` from 1. */
export type SendPart = (part: Buffer, number: number, signal: AbortSignal) => Promise<UploadedPart>;

/**
 * Sends parts, a few at a time. When one fails, the others are given up.
 * @param spare gets the buffers of full parts back
 */
export async function sendParts(
  parts: AsyncIterable<Buffer>,
  sendPart: SendPart,
  spare: Buffer[],
): Promise<UploadedPart[]> {
  const failing = new AbortController();
  const uploaded: UploadedPart[] = [];
  const inFlight = new Set<Promise<void>>();
  let number = 0;
  let fullBytes = 0;
  const sendOne = async (part: Buffer, its: number): Promise<void> => {
    uploaded.push(await sendPart(part, its, failing.signal));
    if (part.length === fullBytes && spare.length < spareMax) spare.push(part);
  };
  try {
    for await (const part of parts) {
      number += 1;
      fullBytes = Math.max(fullBytes, part.length);
      const sending = sendOne(part, number).finally(() => inFlight.delete(sending));
      sending.catch(() => {});
      inFlight.add(sending);
      if (inFlight.size >= partsInFlightMax) await Promise.race(inFlight);
    }
    await Promise.all(inFlight);
  } catch (error) {
    failing.abort(error);
    await Promise.allSettled(inFlight);
    throw error;
  }
  return uploaded;
}

/** What was taken from an iterator already, and then the rest of it. */
export async function* resume<Item>(
  begun: readonly Item[],
  rest: AsyncIterable<Item>,
): AsyncGenerator<Item, void, undefined> {
  yield* begun;
  yield* rest;
}
