import { Malformed } from './malformed.ts';
import type { WireReader } from './reader.ts';

const wordInBytes = 8;
/** Names have at most 255 bytes, targets of links 4095. */
const longestWordInBytes = 4096;

/**
 * The bytes of an archive that comes without its length: knows just enough of the format to find its end, and leaves it
 * to others to find fault with the rest.
 */
export async function* readArchive(
  reader: WireReader,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield await readWord(reader);
  for (let depth = 0, begun = false; depth > 0 || !begun; begun = true) {
    const word = await readWord(reader);
    yield word;
    const text = word.toString('latin1', wordInBytes).replace(/\0+$/, '');
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    if (depth < 0 || (depth === 0 && !begun && text !== '('))
      throw new Malformed('an archive that does not begin as one', reader.offset, 'archive');
    if (text === 'name' || text === 'target') yield await readWord(reader);
    if (text === 'contents') yield* readContents(reader);
  }
}

/** A short string with its length and padding. */
async function readWord(reader: WireReader): Promise<Buffer> {
  const { offset } = reader;
  const length = (await reader.peek(wordInBytes)).readBigUInt64LE();
  if (length > longestWordInBytes)
    throw new Malformed(`a word of ${length} bytes`, offset, 'archive');
  const padded = Math.ceil(Number(length) / wordInBytes) * wordInBytes;
  return reader.read((cursor) => cursor.exactly(wordInBytes + padded));
}

async function* readContents(reader: WireReader): AsyncGenerator<Uint8Array, void, undefined> {
  const header = await reader.peek(wordInBytes);
  const length = await reader.read((cursor) => cursor.int());
  yield header;
  for (let remaining = Math.ceil(length / wordInBytes) * wordInBytes; remaining > 0;) {
    const chunk = await reader.readSome(remaining);
    remaining -= chunk.length;
    yield chunk;
  }
}
