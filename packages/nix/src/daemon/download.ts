import { DaemonError } from './daemon-error.ts';
import { isErrorWord, parseErrorMessage } from './messages.ts';
import type { Protocol } from './protocol.ts';
import type { WireReader } from './wire/reader.ts';
import type { Wire } from './wire/wire.ts';

const wordInBytes = 8;
/** The string "nix-archive-1", with its length and padding. */
const magicInBytes = 24;

/**
 * The raw archive after the answer to NarFromPath. It has neither length nor end, so its size must be
 * known. An archive that breaks off later can only be told by its hash.
 */
export async function* readArchive(
  { reader, protocol }: Wire,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  await refuseError(reader, protocol);
  for (let remaining = size; remaining > 0;) {
    const chunk = await reader.readSome(remaining);
    remaining -= chunk.length;
    yield chunk;
  }
}

/** A daemon without the archive says so instead of it, up to Nix 2.26 after its first word. */
async function refuseError(reader: WireReader, protocol: Protocol): Promise<void> {
  const start = await reader.peek(magicInBytes + wordInBytes);
  for (const offset of [0, magicInBytes]) {
    if (!isErrorWord(start.readUInt32LE(offset))) continue;
    const message = await reader.read((cursor) => {
      cursor.exactly(offset + wordInBytes);
      return parseErrorMessage(cursor, protocol);
    });
    throw new DaemonError('operation', message);
  }
}
