import { isUtf8 } from 'node:buffer';
import { NixFormatError } from '../../format-error.ts';
import type { StoreDirectory, StorePath } from '../../store-path/store-path.ts';
import { parseStorePath } from '../../store-path/store-path.ts';
import { Malformed } from './malformed.ts';

/** Thrown when the bytes at hand end too early; one object, since it is thrown once a chunk. */
export const outOfBytes = new Error('More bytes are needed');

const wordInBytes = 8;
const wordBase = 2 ** 32;
const firstUnsafeHighWord = 2 ** (53 - 32);
/** A log line has no other bound, and must fit into memory a few times. */
const longestStringInBytes = 64 * 1024 * 1024;
/** Stores of ten million paths exist; a count beyond this one is a lie. */
const mostItems = 2 ** 26;
const replacementCharacter = '\uFFFD';

/**
 * Reads the protocol's primitive encodings from the bytes that are there, synchronously. When they run
 * out it throws `outOfBytes`, and `wanted` says how many would have been needed from the unit's start on.
 */
export class WireCursor {
  readonly directory: StoreDirectory;
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;
  #start = 0;
  /** Of the first of `#bytes`, in the connection. */
  #offset = 0;
  wanted = 0;

  constructor(directory: StoreDirectory) {
    this.directory = directory;
  }

  /** How many bytes have not been read. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** How many bytes of the connection have been read. */
  get offset(): number {
    return this.#offset + this.#position;
  }

  /** Puts `chunks` behind what has not been read; the next unit begins with that. */
  append(chunks: readonly Buffer[]): void {
    const rest = this.#bytes.subarray(this.#position);
    const [only] = chunks;
    this.#bytes =
      rest.length === 0 && chunks.length === 1 && only !== undefined
        ? only
        : Buffer.concat([rest, ...chunks]);
    this.#offset += this.#position;
    this.#position = 0;
    this.#start = 0;
  }

  /** Begins a unit that can be read again from here. */
  begin(): void {
    this.#start = this.#position;
  }

  /** Goes back to where the unit began. */
  rewind(): void {
    this.#position = this.#start;
  }

  /** A number up to 2^53. */
  int(): number {
    const at = this.#take(wordInBytes);
    const high = this.#bytes.readUInt32LE(at + 4);
    if (high >= firstUnsafeHighWord) throw this.#malformed('a number beyond 2^53', at);
    return high * wordBase + this.#bytes.readUInt32LE(at);
  }

  /** A number of any size, such as the identifier of an activity. */
  bigint(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(wordInBytes));
  }

  boolean(): boolean {
    return this.int() !== 0;
  }

  /** How many items follow. */
  count(): number {
    const at = this.#position;
    const count = this.int();
    if (count > mostItems) throw this.#malformed(`a list of ${count} items`, at);
    return count;
  }

  /** The bytes of a string. They are a view, which stays valid but keeps its neighbours in memory. */
  bytes(): Buffer {
    const start = this.#position;
    const length = this.int();
    if (length > longestStringInBytes) throw this.#malformed(`a string of ${length} bytes`, start);
    const at = this.#take(Math.ceil(length / wordInBytes) * wordInBytes);
    for (let padding = at + length; padding < this.#position; padding++)
      if (this.#bytes[padding] !== 0)
        throw this.#malformed('padding that is not of zeros', padding);
    return this.#bytes.subarray(at, at + length);
  }

  /** A string of UTF-8. */
  text(): string {
    const start = this.#position;
    const bytes = this.bytes();
    const text = bytes.toString('utf8');
    if (text.includes(replacementCharacter) && !isUtf8(bytes))
      throw this.#malformed('a text that is not UTF-8', start);
    return text;
  }

  /** A text that is read by `parse`, whose `NixFormatError` becomes a fault that knows its place. */
  parsed<T>(parse: (text: string) => T): T {
    const start = this.#position;
    const text = this.text();
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof NixFormatError)) throw error;
      throw new Malformed(error.message, this.#offset + start, '', error);
    }
  }

  /** A full store path. */
  path(): StorePath {
    return this.parsed((text) => parseStorePath(this.directory, text));
  }

  /** At most `limit` bytes as they are, none if there are none. */
  some(limit: number): Buffer {
    return this.exactly(Math.min(limit, this.remaining));
  }

  /** Raw bytes as they are. */
  exactly(length: number): Buffer {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  #take(length: number): number {
    const at = this.#position;
    if (at + length > this.#bytes.length) {
      this.wanted = at + length - this.#start;
      throw outOfBytes;
    }
    this.#position = at + length;
    return at;
  }

  #malformed(reason: string, position: number): Malformed {
    return new Malformed(reason, this.#offset + position);
  }
}
