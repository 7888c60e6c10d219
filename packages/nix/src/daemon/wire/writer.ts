import { fromUtf8 } from '../../byte-string.ts';
import type { ByteString } from '../../byte-string.ts';
import { printStorePath } from '../../store-path/store-path.ts';
import type { StoreDirectory, StorePath } from '../../store-path/store-path.ts';

const wordInBytes = 8;
const wordBase = 2 ** 32;
/** Most requests name one path. */
const initialSizeInBytes = 256;

/** Puts a message together in the protocol's primitive encodings, in one buffer. */
export class WireWriter {
  readonly directory: StoreDirectory;
  #buffer = Buffer.allocUnsafe(initialSizeInBytes);
  #length = 0;

  constructor(directory: StoreDirectory) {
    this.directory = directory;
  }

  /** What has been written. Write no more afterwards. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  int(value: number): this {
    const at = this.#reserve(wordInBytes);
    this.#buffer.writeUInt32LE(value % wordBase, at);
    this.#buffer.writeUInt32LE(Math.floor(value / wordBase), at + 4);
    return this;
  }

  bigint(value: bigint): this {
    const at = this.#reserve(wordInBytes);
    this.#buffer.writeBigUInt64LE(value, at);
    return this;
  }

  boolean(value: boolean): this {
    return this.int(value ? 1 : 0);
  }

  string(value: ByteString): this {
    this.int(value.length);
    const padded = Math.ceil(value.length / wordInBytes) * wordInBytes;
    const at = this.#reserve(padded);
    this.#buffer.write(value, at, 'latin1');
    this.#buffer.fill(0, at + value.length, at + padded);
    return this;
  }

  /** Bytes with their length and padding. */
  bytes(value: Uint8Array): this {
    this.int(value.length);
    const padded = Math.ceil(value.length / wordInBytes) * wordInBytes;
    const at = this.#reserve(padded);
    this.#buffer.set(value, at);
    this.#buffer.fill(0, at + value.length, at + padded);
    return this;
  }

  text(value: string): this {
    return this.string(fromUtf8(value));
  }

  path(path: StorePath): this {
    return this.text(printStorePath(this.directory, path));
  }

  #reserve(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#buffer.length) this.#grow();
    return at;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#buffer.length * 2));
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}
