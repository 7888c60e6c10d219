import { styleAfter } from '@iolaus/web/log-painting';
import { headingCharactersMax, headingLetters, readHeading } from '@iolaus/web/log-phases';
import { latin1Of } from './latin1.ts';

/** A part of a log with a heading of its own, from its line on. */
export type Phase = { readonly name: string; readonly line: number };

/** Where a line begins: its number, counted from 1, the bytes before it, and the terminal's style that goes on into it. */
export type Mark = { readonly line: number; readonly offset: number; readonly style: string };

// A log of 500 MB has some thirty thousand marks, and a line is found by reading a few pages of the file.
const linesPerMark = 256;
// Of long lines so many bytes lie between two marks, if they are not of one line.
const bytesPerMark = 256 * 1024;
// Who says more often that a phase begins does not mean it.
const phasesMax = 1_000;

const beginning: Mark = { line: 1, offset: 0, style: '' };

const headingBytes: ReadonlySet<number> = new Set(Buffer.from(headingLetters));
const newline = 0x0a;
const escape = 0x1b;

/** Where the lines of a log are, as far as it has been looked through. */
export class LineIndex {
  readonly #marks: Mark[] = [beginning];
  readonly #phases: Phase[] = [];
  #line = 1;
  #offset = 0;
  #style = '';

  /** Where the next line begins: behind all that are whole. */
  get end(): Mark {
    return { line: this.#line, offset: this.#offset, style: this.#style };
  }

  get phases(): readonly Phase[] {
    return this.#phases;
  }

  /** The last mark at or before a line. */
  markBefore(line: number): Mark {
    return this.#marks[this.#countMarks(line) - 1] ?? beginning;
  }

  /** The first mark behind a line, if it has come yet. */
  markBehind(line: number): Mark | undefined {
    return this.#marks[this.#countMarks(line)];
  }

  /** Takes the bytes from the end on, up to the end of a line; what is no whole line is a part of one that is too long. */
  add(bytes: Uint8Array): void {
    let start = 0;
    // Where a style may begin that has not been read.
    let styled = -1;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === escape && styled === -1) styled = at;
      if (byte !== newline) continue;
      this.#noteHeading(bytes, start, at);
      this.#line += 1;
      start = at + 1;
      if (!this.#isDue(start)) continue;
      this.#readStyle(bytes, styled, start);
      styled = -1;
      this.#marks.push({ ...this.end, offset: this.#offset + start });
    }
    this.#readStyle(bytes, styled, bytes.length);
    this.#offset += bytes.length;
  }

  /** Whether the line that begins so many bytes behind the end is to be marked. */
  #isDue(start: number): boolean {
    const { line, offset } = this.#marks.at(-1) ?? beginning;
    return this.#line - line >= linesPerMark || this.#offset + start - offset >= bytesPerMark;
  }

  #readStyle(bytes: Uint8Array, styled: number, end: number): void {
    if (styled !== -1) this.#style = styleAfter(latin1Of(bytes, styled, end), this.#style);
  }

  #noteHeading(bytes: Uint8Array, start: number, end: number): void {
    // Nearly all lines are told apart without making a text of them.
    if (end - start > headingCharactersMax || !headingBytes.has(bytes[start] ?? 0)) return;
    const name = readHeading(latin1Of(bytes, start, end));
    if (name !== undefined && this.#phases.length < phasesMax)
      this.#phases.push({ name, line: this.#line });
  }

  /** How many marks are at a line or before it. */
  #countMarks(line: number): number {
    let [low, high] = [0, this.#marks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle]?.line ?? Infinity) <= line) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
