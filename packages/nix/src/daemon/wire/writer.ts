import { fromUtf8 } from '../../byte-string.ts';
import type { ByteString } from '../../byte-string.ts';
import { printStorePath } from '../../store-path/store-path.ts';
import type { StoreDirectory, StorePath } from '../../store-path/store-path.ts';

const wordInBytes = 8;
const wordBase = 2 ** 32;
/** Most requests name one path. */
const initialSizeInBytes = 256;

/** Puts a request together in the daemon's primitive encodings, in one buffer. */
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

  text(value: string): this {
    return this.string(fromUtf8(value));
  }

  path(path: StorePath): this {
    return this.text(printStorePath(this.directory, path));
  }

  optionalPath(path: StorePath | null): this {
    return path === null ? this.text('') : this.path(path);
  }

  paths(paths: readonly StorePath[]): this {
    return this.list(paths, (path) => this.path(path));
  }

  texts(values: readonly string[]): this {
    return this.list(values, (value) => this.text(value));
  }

  /** The number of items, and each of them. */
  list<T>(
    items: Iterable<T> & ({ readonly length: number } | { readonly size: number }),
    writeItem: (item: T) => void,
  ): this {
    this.int('length' in items ? items.length : items.size);
    for (const item of items) writeItem(item);
    return this;
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
