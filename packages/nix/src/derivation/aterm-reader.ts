import { assumeBytes } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { NixFormatError, quote } from '../format-error.ts';
import type { FormatPlace } from '../format-error.ts';

const quotationMark = 0x22;
const backslash = 0x5c;
/** What a letter behind a backslash stands for; any other stands for itself. */
const escapes: ReadonlyMap<number, number> = new Map([
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);
/** Half of what V8 takes for the longest string; derivations of some ten megabytes exist. */
const longestTextInBytes = 256 * 1024 * 1024;
/** Far more than anybody nests, and far less than the call stack holds. */
const deepestNesting = 64;

/**
 * Walks once over the text of a term. Strings are cut out of the buffer, not out of the decoded
 * text: a slice of a JavaScript string keeps the whole alive, and the paths in a derivation live
 * much longer than its text.
 */
export class AtermReader {
  readonly #bytes: Buffer;
  readonly #text: string;
  #position = 0;
  #nextBackslash: number;
  #stringStart = 0;
  #depth = 0;
  /** Which part of the term is being read; errors name it. */
  field = 'form';

  constructor(bytes: Uint8Array) {
    if (bytes.length > longestTextInBytes)
      throw new NixFormatError(
        `it has ${bytes.length} bytes, and at most ${longestTextInBytes} are read`,
        { offset: longestTextInBytes, field: this.field },
      );
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = this.#bytes.toString('latin1');
    this.#nextBackslash = this.#indexOrEnd('\\', 0);
  }

  /** Where the string that was read last begins, behind its quote. */
  get lastString(): FormatPlace {
    return { offset: this.#stringStart, field: this.field };
  }

  /** Whether the text goes on with `literal`; nothing is consumed. */
  startsWith(literal: string): boolean {
    return this.#text.startsWith(literal, this.#position);
  }

  expect(literal: string): void {
    if (!this.startsWith(literal)) this.fail(`${quote(literal)} should stand`);
    this.#position += literal.length;
  }

  expectEnd(): void {
    if (this.#position !== this.#text.length) this.fail('the text should end');
  }

  /** Calls `read` for something that may contain its like, but not without end. */
  readNested<T>(read: () => T): T {
    if (this.#depth === deepestNesting)
      this.fail(`nothing nests deeper than ${deepestNesting} levels`);
    this.#depth += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  /** `[item,item,…]`: calls `readItem` at the start of each. */
  readList(readItem: () => void): void {
    this.expect('[');
    if (this.#skip(']')) return;
    do readItem();
    while (this.#skip(','));
    this.expect(']');
  }

  /** A quoted string; its bytes, with escapes undone. */
  readString(): ByteString {
    if (this.#bytes[this.#position] !== quotationMark) this.fail('a string should begin');
    const start = this.#position + 1;
    if (this.#nextBackslash < start) this.#nextBackslash = this.#indexOrEnd('\\', start);
    const mark = this.#indexOrEnd('"', start);
    const escaped = this.#nextBackslash < mark;
    const end = escaped ? this.#endOfEscaped(this.#nextBackslash) : mark;
    if (end >= this.#text.length) this.fail('a string should end');
    this.#position = end + 1;
    this.#stringStart = start;
    return assumeBytes(
      escaped ? this.#unescape(start, end) : this.#bytes.toString('latin1', start, end),
    );
  }

  fail(wanted: string): never {
    throw new NixFormatError(wanted, { offset: this.#position, field: this.field });
  }

  /** Where the quotation mark is that no backslash precedes. */
  #endOfEscaped(from: number): number {
    const bytes = this.#bytes;
    let place = from;
    for (let byte = bytes[place]; byte !== quotationMark; byte = bytes[place]) {
      if (byte === undefined) return place;
      place += byte === backslash ? 2 : 1;
    }
    return place;
  }

  /** Byte by byte: structured attributes have hundreds of thousands of escapes. */
  #unescape(start: number, end: number): string {
    const bytes = this.#bytes;
    const plain = Buffer.allocUnsafe(end - start);
    let length = 0;
    for (let place = start; place < end; place += 1, length += 1) {
      const byte = bytes[place] ?? 0;
      if (byte === backslash) {
        place += 1;
        const letter = bytes[place] ?? 0;
        plain[length] = escapes.get(letter) ?? letter;
      } else plain[length] = byte;
    }
    return plain.toString('latin1', 0, length);
  }

  #skip(character: string): boolean {
    if (this.#text.charAt(this.#position) !== character) return false;
    this.#position += 1;
    return true;
  }

  #indexOrEnd(character: string, from: number): number {
    const index = this.#text.indexOf(character, from);
    return index === -1 ? this.#text.length : index;
  }
}
