import { styleAfter } from '@iolaus/web/log-painting';
import { headingCharactersMax, headingLetters, readHeading } from '@iolaus/web/log-phases';
import { latin1Of } from './latin1.ts';

/** A part of a log with a heading of its own, from its line on. */
export type Phase = { readonly name: string; readonly line: number };

/** Where a line begins: its number, counted from 1, the bytes before it, and the terminal's style that goes on into it. */
export type Mark = { readonly line: number; readonly offset: number; readonly style: string };

/** Where the lines of a log are, as far as it has been looked through. */
export type LineIndex = {
  /** Where the next line begins: behind all that are whole. */
  readonly end: Mark;
  readonly phases: readonly Phase[];
  /** The last mark at or before a line. */
  markBefore(line: number): Mark;
  /** The first mark behind a line, if it has come yet. */
  markBehind(line: number): Mark | undefined;
  /** Takes the bytes from the end on, up to the end of a line; what is no whole line is a part of one that is too long. */
  add(bytes: Uint8Array): void;
};

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

export function createLineIndex(): LineIndex {
  const marks: Mark[] = [beginning];
  const phases: Phase[] = [];
  let [line, offset, style] = [1, 0, ''];
  /** Where in the bytes at hand a style may begin that has not been read. */
  let styledFrom = -1;

  const readStyle = (bytes: Uint8Array, end: number): void => {
    if (styledFrom === -1) return;
    style = styleAfter(latin1Of(bytes, styledFrom, end), style);
    styledFrom = -1;
  };
  const noteHeading = (bytes: Uint8Array, start: number, end: number): void => {
    const length = end - start;
    // Nearly all lines are told apart without making a text of them.
    if (length > headingCharactersMax || !headingBytes.has(bytes[start] ?? 0)) return;
    const name = readHeading(latin1Of(bytes, start, end));
    if (name !== undefined && phases.length < phasesMax) phases.push({ name, line });
  };

  return {
    get end() {
      return { line, offset, style };
    },
    phases,
    markBefore: (wanted) => marks[countMarks(marks, wanted) - 1] ?? beginning,
    markBehind: (wanted) => marks[countMarks(marks, wanted)],
    add(bytes) {
      let start = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at];
        if (byte === escape && styledFrom === -1) styledFrom = at;
        if (byte !== newline) continue;
        noteHeading(bytes, start, at);
        line += 1;
        start = at + 1;
        const { line: markedLine, offset: markedOffset } = marks.at(-1) ?? beginning;
        if (line - markedLine < linesPerMark && offset + start - markedOffset < bytesPerMark)
          continue;
        readStyle(bytes, start);
        marks.push({ line, offset: offset + start, style });
      }
      readStyle(bytes, bytes.length);
      offset += bytes.length;
    },
  };
}

/** How many marks are at a line or before it. */
function countMarks(marks: readonly Mark[], line: number): number {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.line ?? Infinity) <= line) low = middle + 1;
    else high = middle;
  }
  return low;
}
