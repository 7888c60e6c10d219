import { assumeBytes } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { NixFormatError, quote } from '../format-error.ts';
import type { FormatPlace } from '../format-error.ts';

const quotationMark = 0x22;
/** Half of what V8 takes for the longest string; derivations of some ten megabytes exist. */
const longestTextInBytes = 256 * 1024 * 1024;
/** Far more than anybody nests, and far less than the call stack holds. */
const deepestNesting = 64;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

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
    let end = this.#indexOrEnd('"', start);
    const escaped = this.#nextBackslash < end;
    if (escaped) end = this.#endOfEscaped(start);
    if (end === this.#text.length) this.fail('a string should end');
    this.#position = end + 1;
    this.#stringStart = start;
    const content = this.#bytes.toString('latin1', start, end);
    return assumeBytes(escaped ? unescape(content) : content);
  }

  fail(wanted: string): never {
    throw new NixFormatError(wanted, { offset: this.#position, field: this.field });
  }

  #endOfEscaped(start: number): number {
    let end = this.#indexOrEnd('"', start);
    while (this.#nextBackslash < end) {
      const afterEscape = this.#nextBackslash + 2;
      this.#nextBackslash = this.#indexOrEnd('\\', afterEscape);
      if (afterEscape > end) end = this.#indexOrEnd('"', afterEscape);
    }
    return end;
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

function unescape(content: string): string {
  return content.replaceAll(/\\(.)/gs, (_, character: string) => escapes[character] ?? character);
}
