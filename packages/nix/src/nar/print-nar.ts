import type { NarEvent } from './event.ts';
import { longestEventInBytes, NodeWriter } from './node-writer.ts';
import { WordWriter } from './word-writer.ts';

/** Small events are gathered, so that a socket or hash gets bites worth its while. */
const portionInBytes = 64 * 1024;

/**
 * Writes the archive that these events tell. The events are trusted: names in order, contents as long as said. Contents
 * come out as they came in, without a copy.
 */
export async function* printNar(
  events: AsyncIterable<NarEvent> | Iterable<NarEvent>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = new WordWriter(portionInBytes);
  const nodes = new NodeWriter(writer);
  let size = 0;
  let remaining = 0;
  const portion = (): Uint8Array => {
    const taken = writer.take();
    writer.renew(writer.capacity);
    return taken;
  };
  for await (const event of events) {
    if (event.type === 'contents') {
      if (writer.length > 0) yield portion();
      yield event.bytes;
      remaining -= event.bytes.length;
      if (remaining === 0) nodes.endFile(size);
      continue;
    }
    if (writer.room < longestEventInBytes) yield portion();
    nodes.write(event);
    if (event.type !== 'regular') continue;
    size = event.size;
    remaining = size;
    if (size === 0) nodes.endFile(0);
  }
  yield portion();
}
