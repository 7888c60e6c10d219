import { Malformed } from './malformed.ts';
import type { WireReader } from './reader.ts';

/** A frame is announced with 32 bits by everybody who follows the protocol. */
const largestFrameInBytes = 2 ** 32;

/** Data in frames, up to and with the frame of length zero. */
export async function* readFrames(reader: WireReader): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const { offset } = reader;
    const length = await reader.read((cursor) => cursor.int());
    if (length === 0) return;
    if (length >= largestFrameInBytes)
      throw new Malformed(`a frame of ${length} bytes`, offset, 'data');
    for (let remaining = length; remaining > 0;) {
      const chunk = await reader.readSome(remaining);
      remaining -= chunk.length;
      yield chunk;
    }
  }
}
