import type { BulkData } from '../daemon/operations/operation.ts';
import type { Data } from '../daemon/upload.ts';
import { readArchive } from '../daemon/wire/archive-reader.ts';
import { readFrames } from '../daemon/wire/frame-reader.ts';
import { bytes } from '../daemon/wire/layout.ts';
import { Malformed } from '../daemon/wire/malformed.ts';
import type { WireReader } from '../daemon/wire/reader.ts';
import type { Speaker } from './speaker.ts';

/** How much is asked for at a time of a client that has to be asked. */
const portionInBytes = 64 * 1024;

/** The data behind a request, as it comes. May be left early and taken up again. */
export function receiveData(
  way: BulkData,
  reader: WireReader,
  speaker: Speaker,
  pulledBytes: number,
): Data {
  const data = chunksOf(way, reader, speaker, pulledBytes);
  return { [Symbol.asyncIterator]: () => ({ next: () => data.next() }) };
}

async function* chunksOf(
  way: BulkData,
  reader: WireReader,
  speaker: Speaker,
  pulledBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (way === 'framed') yield* readFrames(reader);
  if (way === 'inline') yield* readArchive(reader);
  if (way === 'pulled') yield* pull(reader, speaker, pulledBytes);
}

async function* pull(
  reader: WireReader,
  speaker: Speaker,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let remaining = size; remaining > 0;) {
    await speaker.say({ type: 'data-wanted', limit: Math.min(remaining, portionInBytes) });
    const { offset } = reader;
    const portion = await bytes.read(reader, speaker.protocol);
    if (portion.length === 0 || portion.length > remaining)
      throw new Malformed(`${portion.length} bytes of ${remaining} wanted`, offset, 'data');
    remaining -= portion.length;
    yield portion;
  }
}
