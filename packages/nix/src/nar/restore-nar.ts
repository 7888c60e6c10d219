import {
  closeSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { fromBytes, fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import type { NarReadEvent, NarReadFile } from './event.ts';
import { below, shownPath, systemPath } from './file-path.ts';
import { parseNarBatches } from './parse-nar.ts';
import { TreeError } from './tree-error.ts';

const executableBits = 0o111;

/**
 * Unpacks an archive to `target`, which must not exist, as `nix-store --restore` does: modes are 0666 less the umask,
 * and executable for all where the archive says so; times are now. Nothing outside of `target` is touched whatever the archive says: names are checked, and every
 * file, directory and symlink must be new. What has been unpacked before an error stays.
 * @param target bytes, where it is not UTF-8
 * @throws TreeError if something is there already, also where the file system takes two names of the archive for one
 * @throws NixFormatError for an archive that Nix would not accept
 */
export async function restoreNar(
  archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  target: string | Uint8Array,
): Promise<void> {
  using tree = new TreeWriter(typeof target === 'string' ? fromUtf8(target) : fromBytes(target));
  for await (const events of parseNarBatches(archive))
    for (const event of events) tree.write(event);
}

/**
 * Makes files out of events. Synchronous: a call to the system takes microseconds, and one that waits for a thread of
 * its own ten times as long. Others get their turn between the chunks of the archive.
 */
class TreeWriter implements Disposable {
  readonly #target: ByteString;
  readonly #directories: ByteString[] = [];
  #file: { readonly descriptor: number; remaining: number } | null = null;

  constructor(target: ByteString) {
    this.#target = target;
  }

  write(event: NarReadEvent): void {
    switch (event.type) {
      case 'directory': {
        const path = this.#pathOf(event.name);
        make(path, () => mkdirSync(systemPath(path)));
        this.#directories.push(path);
        return;
      }
      case 'end-directory':
        this.#directories.pop();
        return;
      case 'symlink': {
        const path = this.#pathOf(event.name);
        return make(path, () => symlinkSync(systemPath(event.target), systemPath(path)));
      }
      case 'regular':
        return this.#begin(event);
      case 'contents':
        return this.#continue(event.bytes);
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file.descriptor);
    this.#file = null;
  }

  #begin({ name, executable, size }: NarReadFile): void {
    const path = this.#pathOf(name);
    // `wx` follows no symlink and opens nothing that exists.
    const descriptor = make(path, () => openSync(systemPath(path), 'wx'));
    this.#file = { descriptor, remaining: size };
    // Like Nix, whatever the umask says: otherwise the archive of the tree would be another one.
    if (executable) fchmodSync(descriptor, fstatSync(descriptor).mode | executableBits);
    if (size === 0) this[Symbol.dispose]();
  }

  #continue(bytes: Uint8Array): void {
    if (this.#file === null) return;
    for (let written = 0; written < bytes.length;)
      written += writeSync(this.#file.descriptor, bytes, written);
    this.#file.remaining -= bytes.length;
    if (this.#file.remaining === 0) this[Symbol.dispose]();
  }

  /** Names are those of entries, checked by the parser, and every directory on the way was made here. */
  #pathOf(name: ByteString): ByteString {
    const directory = this.#directories.at(-1);
    return directory === undefined ? this.#target : below(directory, name);
  }
}

function make<T>(path: ByteString, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new TreeError('exists', shownPath(path), 'exists already', { cause: error });
  }
}
