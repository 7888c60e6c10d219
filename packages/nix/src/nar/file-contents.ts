import { closeSync, constants, openSync, read as readCallback, readSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ByteString } from '../byte-string.ts';
import { shownPath, systemPath } from './file-path.ts';
import { TreeError } from './tree-error.ts';

const read = promisify(readCallback);

/** Neither a symlink nor a fifo that was put in the place of a file leads astray or blocks. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file, open for reading, that has to be as long as it was when it was looked at. */
export class FileContents implements Disposable {
  readonly #descriptor: number;
  readonly #path: ByteString;
  #remaining: number;

  constructor(path: ByteString, sizeInBytes: number) {
    this.#path = path;
    this.#remaining = sizeInBytes;
    this.#descriptor = openSync(systemPath(path), openFlags);
  }

  /** How many bytes have not been read. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Reads all that remains, at once. `target` has room for that and one byte more, to see whether the file grew. */
  readAllSync(target: Uint8Array): void {
    const wanted = this.#remaining + 1;
    let length = 0;
    // One call suffices: only at a file's end does a read bring less than it should.
    do {
      const count = readSync(this.#descriptor, target, length, wanted - length, null);
      if (count === 0) break;
      length += count;
    } while (length < this.#remaining);
    this.#count(length);
    this.#expectEnd();
  }

  /** Reads as much as fits into `target`, in a thread of its own; returns how much that is. */
  async readSome(target: Uint8Array): Promise<number> {
    const wanted = Math.min(target.length, this.#remaining);
    const { bytesRead } = await read(this.#descriptor, target, 0, wanted, null);
    this.#count(bytesRead);
    if (bytesRead === 0) this.#expectEnd();
    return bytesRead;
  }

  /** @throws TreeError if the file is longer by now */
  expectEnd(): void {
    this.#count(readSync(this.#descriptor, Buffer.alloc(1), 0, 1, null));
    this.#expectEnd();
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  #count(bytes: number): void {
    this.#remaining -= bytes;
  }

  #expectEnd(): void {
    if (this.#remaining === 0) return;
    const change = this.#remaining < 0 ? 'grew' : 'shrank';
    throw new TreeError('changed', shownPath(this.#path), `${change} while it was read`);
  }
}
