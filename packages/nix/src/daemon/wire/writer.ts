import { fromUtf8 } from '../../byte-string.ts';
import type { ByteString } from '../../byte-string.ts';
import type { StoreDirectory, StorePath } from '../../store-path/store-path.ts';

const wordInBytes = 8;
const wordBase = 2 ** 32;
/** Most requests name one path. */
const initialSizeInBytes = 256;

/** Puts a message together in the protocol's primitive encodings, in one buffer. */
export class WireWriter {
  readonly directory: StoreDirectory;
  #directoryBytes: Buffer | undefined;
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
    const at = this.#beginString(value.length);
    this.#buffer.write(value, at, 'latin1');
    return this;
  }

  /** Bytes with their length and padding. */
  bytes(value: Uint8Array): this {
    const at = this.#beginString(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  text(value: string): this {
    return this.string(fromUtf8(value));
  }

  /** In two pieces: to join them first would take twice the time, and questions name paths by the hundred thousand. */
  path(path: StorePath): this {
    this.#directoryBytes ??= Buffer.from(`${this.directory}/`);
    const { length } = this.#directoryBytes;
    const at = this.#beginString(length + path.length);
    this.#buffer.set(this.#directoryBytes, at);
    this.#buffer.write(path, at + length, 'latin1');
    return this;
  }

  /** The length and the padding of a string; returns where its bytes go. */
  #beginString(length: number): number {
    this.int(length);
    const padded = Math.ceil(length / wordInBytes) * wordInBytes;
    const at = this.#reserve(padded);
    for (let padding = at + length; padding < at + padded; padding++) this.#buffer[padding] = 0;
    return at;
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
