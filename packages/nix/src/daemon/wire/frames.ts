import type { Duplex } from 'node:stream';
import { send } from './send.ts';

const headerInBytes = 8;
/** Frames are bounded by 2^32; smaller ones keep what waits in memory small. */
const largestFrameInBytes = 1024 * 1024;
const terminator = Buffer.alloc(headerInBytes);

/** Asked before each frame, so that data nobody wants any more is not sent. */
export type Wanted = () => boolean;

/**
 * Sends data of unknown length: frames of a length and as many bytes, then one of length zero, which
 * is sent early once the data is not wanted. Not more is taken from `data` than the stream can take.
 */
export async function sendFrames(
  stream: Duplex,
  data: AsyncIterable<Uint8Array>,
  wanted: Wanted,
): Promise<void> {
  for await (const chunk of data) {
    for (let start = 0; start < chunk.length; start += largestFrameInBytes) {
      if (!wanted()) break;
      await sendFrame(stream, chunk.subarray(start, start + largestFrameInBytes));
    }
    if (!wanted()) break;
  }
  await send(stream, terminator);
}

async function sendFrame(stream: Duplex, payload: Uint8Array): Promise<void> {
  const header = Buffer.alloc(headerInBytes);
  header.writeUInt32LE(payload.length);
  stream.cork();
  stream.write(header);
  const sent = send(stream, payload);
  stream.uncork();
  await sent;
}
