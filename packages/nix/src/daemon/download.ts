import { errorReport, errorWord } from './messages.ts';
import { OperationFailed } from './read-messages.ts';
import type { Wire } from './wire/wire.ts';

const wordInBytes = 8;
/** The string "nix-archive-1", with its length and padding. */
const magicInBytes = 24;

/**
 * The raw archive after the answer to NarFromPath. It has neither length nor end, so its size must be
 * known. An archive that breaks off later can only be told by its hash.
 */
export async function* readArchive(
  wire: Wire,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  await refuseError(wire);
  for (let remaining = size; remaining > 0;) {
    const chunk = await wire.reader.readSome(remaining);
    remaining -= chunk.length;
    yield chunk;
  }
}

/** A daemon without the archive says so instead of it, up to Nix 2.26 after its first word. */
async function refuseError({ reader, protocol }: Wire): Promise<void> {
  const start = await reader.peek(magicInBytes + wordInBytes);
  for (const offset of [0, magicInBytes]) {
    if (start.readUInt32LE(offset) !== errorWord) continue;
    const report = await reader.read((cursor) => {
      cursor.exactly(offset + wordInBytes);
      return errorReport.parse(cursor, protocol);
    });
    throw new OperationFailed(report);
  }
}
