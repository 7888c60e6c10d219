import type { ByteString } from '../byte-string.ts';

const wordInBytes = 8;
const wordBase = 2 ** 32;

/** How many zeros follow a string of `length` bytes. */
export function paddingOf(length: number): number {
  return -length & (wordInBytes - 1);
}

/** Strings as they stand in an archive, for what is written often. */
export function encodeWords(...words: readonly string[]): Buffer {
  const writer = new WordWriter(
    words.reduce((size, { length }) => size + wordInBytes + length + paddingOf(length), 0),
  );
  for (const word of words) writer.string(Buffer.from(word, 'latin1'));
  return writer.take();
}

/** Fills a buffer with numbers and strings. Who writes sees to it that there is room. */
export class WordWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(sizeInBytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(sizeInBytes);
  }

  /** How many bytes fit in. */
  get room(): number {
    return this.#buffer.length - this.#length;
  }

  /** How many bytes have been written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** Hands out what has been written as a view; overwrites that from the next byte on. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** How many bytes fit in when it is empty. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Writes into a buffer of its own from now on, so that what was handed out stays as it is. */
  renew(sizeInBytes: number): void {
    this.#buffer = Buffer.allocUnsafeSlow(sizeInBytes);
  }

  /** The bytes to come, for who fills them from elsewhere; `advance` then says how many those were. */
  free(): Buffer {
    return this.#buffer.subarray(this.#length);
  }

  advance(count: number): void {
    this.#length += count;
  }

  number(value: number): void {
    this.#buffer.writeUInt32LE(value % wordBase, this.#length);
    this.#buffer.writeUInt32LE(Math.floor(value / wordBase), this.#length + 4);
    this.#length += wordInBytes;
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Bytes with their length and padding. */
  string(bytes: Uint8Array): void {
    this.number(bytes.length);
    this.bytes(bytes);
    this.zeros(paddingOf(bytes.length));
  }

  byteString(text: ByteString): void {
    this.number(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
    this.zeros(paddingOf(text.length));
  }

  zeros(count: number): void {
    this.#buffer.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }
}
