import type { ByteString } from '../byte-string.ts';
import type { NarNode } from './event.ts';
import { longestNameInBytes, longestTargetInBytes } from './limits.ts';
import { encodeWords, paddingOf } from './word-writer.ts';
import type { WordWriter } from './word-writer.ts';

const magic = encodeWords('nix-archive-1');
const entry = encodeWords('entry', '(', 'name');
const node = encodeWords('node');
const close = encodeWords(')');
const directory = encodeWords('(', 'type', 'directory');
const symlink = encodeWords('(', 'type', 'symlink', 'target');
const file = encodeWords('(', 'type', 'regular', 'contents');
const executable = encodeWords('(', 'type', 'regular', 'executable', '', 'contents');

/** Room for all words of any event: a symlink with the longest name and target, and what stands between. */
export const longestEventInBytes = longestNameInBytes + longestTargetInBytes + 512;

/** Writes the words around contents. The root node is opened by the magic, every other one by its entry. */
export class NodeWriter {
  readonly #writer: WordWriter;
  #depth = 0;

  constructor(writer: WordWriter) {
    this.#writer = writer;
  }

  /** What stands before the contents, of a file; all there is, of anything else. */
  write(event: NarNode): void {
    switch (event.type) {
      case 'directory':
        this.#open(event.name);
        this.#writer.bytes(directory);
        this.#depth += 1;
        return;
      case 'end-directory':
        this.#depth -= 1;
        return this.#close();
      case 'symlink':
        this.#open(event.name);
        this.#writer.bytes(symlink);
        this.#writer.byteString(event.target);
        return this.#close();
      case 'regular':
        this.#open(event.name);
        this.#writer.bytes(event.executable ? executable : file);
        this.#writer.number(event.size);
    }
  }

  /** What stands behind the contents of a file. */
  endFile(size: number): void {
    this.#writer.zeros(paddingOf(size));
    this.#close();
  }

  #open(name: ByteString): void {
    if (this.#depth === 0) return this.#writer.bytes(magic);
    this.#writer.bytes(entry);
    this.#writer.byteString(name);
    this.#writer.bytes(node);
  }

  #close(): void {
    this.#writer.bytes(close);
    if (this.#depth > 0) this.#writer.bytes(close);
  }
}
