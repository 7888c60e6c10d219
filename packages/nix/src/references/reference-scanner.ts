import { storePathDigest } from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';

const digestInBytes = 32;
const digitsOfNix32 = '0123456789abcdfghijklmnpqrsvwxyz';
const foreign = 0xff;

/** The value of each byte as a digit of nix32. */
const digitValues = new Uint8Array(256).fill(foreign);
for (let value = 0; value < digitsOfNix32.length; value += 1)
  digitValues[digitsOfNix32.charCodeAt(value)] = value;

/** Five bits a digit: as many as 128 KiB of flags can tell apart, which the processor keeps at hand. */
const digitsOfKey = 4;
const bitsOfDigit = 5;

/**
 * Finds out which of some store paths are referred to: whose 32 digits occur anywhere in what is pushed, as Nix does
 * when a build has ended. Takes chunks of any size; a digest may lie across their borders.
 */
export class ReferenceScanner {
  /** By digest; those that were found are gone from it. */
  readonly #wanted: Map<string, StorePath>;
  readonly #found = new Set<StorePath>();
  /** A bit for whether a digest that begins with these four digits is wanted: spares most look-ups in long runs of digits. */
  readonly #keys = new Uint8Array(2 ** (digitsOfKey * bitsOfDigit - 3));
  /** The last bytes of what has passed, one fewer than a digest has. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(candidates: Iterable<StorePath>) {
    this.#wanted = new Map(Array.from(candidates, (path) => [storePathDigest(path), path]));
    for (const digest of this.#wanted.keys()) {
      const key = keyAt(Buffer.from(digest, 'latin1'), 0);
      this.#keys[key >> 3] = (this.#keys[key >> 3] ?? 0) | (1 << (key & 7));
    }
  }

  /** The candidates that have been found so far. */
  get found(): ReadonlySet<StorePath> {
    return this.#found;
  }

  /** Looks through the next bytes. They are not needed afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#wanted.size === 0) return;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const border = digestInBytes - 1;
    const across = Buffer.concat([this.#tail, bytes.subarray(0, border)]);
    this.#scan(across);
    this.#scan(bytes);
    const end = bytes.length >= border ? bytes : across;
    this.#tail = Buffer.from(end.subarray(Math.max(0, end.length - border)));
  }

  /** Hands bytes on as they come, and looks through them. */
  async *scan(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of source) {
      this.push(chunk);
      yield chunk;
    }
  }

  /**
   * Looks at each window of 32 bytes from its end: the last byte that is no digit tells where the next window may
   * begin, so that most of what is not text is stepped over.
   */
  #scan(bytes: Buffer): void {
    let start = 0;
    /** Up to here all bytes from `start` on are known to be digits. */
    let checked = 0;
    while (start + digestInBytes <= bytes.length) {
      const end = start + digestInBytes;
      let position = end - 1;
      while (position >= checked && digitValues[bytes[position] ?? 0] !== foreign) position -= 1;
      if (position >= checked) {
        start = position + 1;
        checked = start;
        continue;
      }
      checked = end;
      if (this.#mayBegin(keyAt(bytes, start))) this.#lookUp(bytes, start);
      start += 1;
    }
  }

  #mayBegin(key: number): boolean {
    return (((this.#keys[key >> 3] ?? 0) >> (key & 7)) & 1) === 1;
  }

  #lookUp(bytes: Buffer, start: number): void {
    const digest = bytes.toString('latin1', start, start + digestInBytes);
    const path = this.#wanted.get(digest);
    if (path === undefined) return;
    this.#found.add(path);
    this.#wanted.delete(digest);
  }
}

function keyAt(bytes: Buffer, start: number): number {
  let key = 0;
  for (let position = start; position < start + digitsOfKey; position += 1)
    key = (key << bitsOfDigit) | (digitValues[bytes[position] ?? 0] ?? 0);
  return key;
}
