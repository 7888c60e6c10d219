import { assumeBytes } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { NixFormatError } from '../format-error.ts';

/** Thrown when the bytes at hand end too early; one object, since it is thrown once a chunk. */
export const outOfBytes = new Error('More bytes are needed');

const wordBase = 2 ** 32;
const firstUnsafeHighWord = 2 ** (53 - 32);
/** Every string begins with its length and is filled up with zeros to a multiple of as many bytes. */
const wordInBytes = 8;

/**
 * Reads numbers and strings from chunks, synchronously. A unit that does not end within the bytes at hand is begun
 * anew when more have come, and only what has been read of it is kept meanwhile.
 */
export class WordReader {
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;
  /** Of the first of `#bytes`, in the whole. */
  #base = 0;

  /** How many bytes have been read. */
  get offset(): number {
    return this.#base + this.#position;
  }

  /** How many bytes have come. */
  get received(): number {
    return this.#base + this.#bytes.length;
  }

  /** Puts a chunk behind what was kept. */
  append(chunk: Uint8Array): void {
    const rest = this.#bytes.subarray(this.#position);
    this.#base += this.#position;
    this.#position = 0;
    this.#bytes =
      rest.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([rest, chunk]);
  }

  /** What has come and was not read. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#position);
  }

  /** Goes back to `offset`, where a unit began that ran out of bytes, and keeps a copy of what has come of it. */
  keepFrom(offset: number): void {
    this.#bytes = Buffer.from(this.#bytes.subarray(offset - this.#base));
    this.#base = offset;
    this.#position = 0;
  }

  /** A number below 2^53. */
  number(field: string): number {
    const at = this.#take(wordInBytes);
    const high = this.#bytes.readUInt32LE(at + 4);
    if (high >= firstUnsafeHighWord) this.#fail('a number is not below 2^53', at, field);
    return high * wordBase + this.#bytes.readUInt32LE(at);
  }

  /** A string of at most `longest` bytes; a longer one is refused before it has come. */
  string(longest: number, field: string): ByteString {
    const start = this.#position;
    const length = this.number(field);
    if (length > longest)
      this.#fail(
        `a string has ${length} bytes, and no more than ${longest} are allowed`,
        start,
        field,
      );
    const at = this.#take(length);
    this.padding(length, field);
    return assumeBytes(this.#bytes.toString('latin1', at, at + length));
  }

  /** Passes over these encoded words if they stand here; else, or if not all has come, reads nothing. */
  skip(words: Buffer): boolean {
    const end = this.#position + words.length;
    if (end > this.#bytes.length) return false;
    if (this.#bytes.compare(words, 0, words.length, this.#position, end) !== 0) return false;
    this.#position = end;
    return true;
  }

  /** The zeros behind a string of `length` bytes. */
  padding(length: number, field: string): void {
    const count = -length & (wordInBytes - 1);
    const at = this.#take(count);
    for (let position = at; position < at + count; position += 1)
      if (this.#bytes[position] !== 0) this.#fail('padding is not of zeros', position, field);
  }

  /** At most `limit` bytes as they are, as a view; none if none have come. */
  some(limit: number): Uint8Array {
    const at = this.#position;
    this.#position = Math.min(at + limit, this.#bytes.length);
    return this.#bytes.subarray(at, this.#position);
  }

  /** Puts back the last bytes that `some` gave. */
  unread(count: number): void {
    this.#position -= count;
  }

  #take(length: number): number {
    const at = this.#position;
    if (at + length > this.#bytes.length) throw outOfBytes;
    this.#position = at + length;
    return at;
  }

  #fail(reason: string, position: number, field: string): never {
    throw new NixFormatError(reason, { offset: this.#base + position, field });
  }
}
