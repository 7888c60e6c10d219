import type { StoreDirectory, StorePath } from '../../store-path/store-path.ts';
import { parseStorePath } from '../../store-path/store-path.ts';
import { DaemonError } from '../daemon-error.ts';

/** Thrown when the bytes at hand end too early; one object, since it is thrown once a chunk. */
export const outOfBytes = new Error('More bytes are needed');

const wordInBytes = 8;
const wordBase = 2 ** 32;
const firstUnsafeHighWord = 2 ** (53 - 32);
/** A log line has no other bound, and must fit into memory a few times. */
const longestStringInBytes = 64 * 1024 * 1024;

/**
 * Reads the daemon's primitive encodings from the bytes that are there, synchronously. When they run
 * out it throws `outOfBytes`, and `wanted` says how many would have been needed from `start` on.
 */
export class WireCursor {
  readonly #directory: StoreDirectory;
  #bytes: Buffer = Buffer.alloc(0);
  #position = 0;
  #start = 0;
  wanted = 0;

  constructor(directory: StoreDirectory) {
    this.#directory = directory;
  }

  /** How many bytes have not been read. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** Puts `chunks` behind what has not been read; the next unit begins with that. */
  append(chunks: readonly Buffer[]): void {
    const rest = this.#bytes.subarray(this.#position);
    const [only] = chunks;
    this.#bytes =
      rest.length === 0 && chunks.length === 1 && only !== undefined
        ? only
        : Buffer.concat([rest, ...chunks]);
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
    if (high >= firstUnsafeHighWord)
      throw new DaemonError('protocol', 'The daemon sent a number beyond 2^53');
    return high * wordBase + this.#bytes.readUInt32LE(at);
  }

  /** A number that does not matter, of any size. */
  skipInt(): void {
    this.#take(wordInBytes);
  }

  boolean(): boolean {
    return this.int() !== 0;
  }

  /** The bytes of a string. They are a view, which stays valid but keeps its neighbours in memory. */
  bytes(): Buffer {
    const length = this.int();
    if (length > longestStringInBytes)
      throw new DaemonError('protocol', `The daemon sent a string of ${length} bytes`);
    const at = this.#take(Math.ceil(length / wordInBytes) * wordInBytes);
    for (let padding = at + length; padding < this.#position; padding++)
      if (this.#bytes[padding] !== 0)
        throw new DaemonError(
          'protocol',
          'The daemon padded a string with something else than zeros',
        );
    return this.#bytes.subarray(at, at + length);
  }

  /** A string of UTF-8. */
  text(): string {
    return this.bytes().toString('utf8');
  }

  /** A full store path. */
  path(): StorePath {
    return parseStorePath(this.#directory, this.text());
  }

  /** A full store path, or nothing. */
  optionalPath(): StorePath | null {
    const text = this.text();
    return text === '' ? null : parseStorePath(this.#directory, text);
  }

  /** A short list; use `WireReader.readList` for one that can be long. */
  list<T>(readItem: () => T): T[] {
    const items: T[] = [];
    for (let count = this.int(); count > 0; count--) items.push(readItem());
    return items;
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
}
