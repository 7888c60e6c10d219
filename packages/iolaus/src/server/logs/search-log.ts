import { indexLog } from './indexed-log.ts';
import { latin1Of } from './latin1.ts';
import { readBytes } from './read-lines.ts';
import type { LogHandle } from './unpacked-logs.ts';

/** Lines in which something was found, and where to go on looking; null: that was all. */
export type FoundLines = { readonly lines: readonly number[]; readonly next: number | null };

// What is looked through at once, and blocks others for a few milliseconds.
const pieceBytes = 1024 * 1024;
// Half a second of looking; whoever wants to know of the rest asks again.
const searchBytesMax = 128 * 1024 * 1024;

/** Looks for a text, in any case of Latin letters, from a line on, in all that is there of the log. */
export async function searchLog(
  file: LogHandle,
  { text, from, limit }: { readonly text: string; readonly from: number; readonly limit: number },
): Promise<FoundLines> {
  const index = await indexLog(file);
  const wanted = patternOf(text);
  const { size } = await file.stat();
  const first = index.markBefore(from);
  const found: number[] = [];
  let { line, offset } = first;
  while (offset < size && found.length < limit && offset - first.offset < searchBytesMax) {
    const bytes = await readBytes(file, offset, Math.min(size, offset + pieceBytes));
    const end = bytes.lastIndexOf(0x0a) + 1;
    const whole = end === 0 || offset + bytes.length === size ? bytes.length : end;
    const piece = latin1Of(bytes, 0, whole);
    for (const number of linesWith(piece, wanted, line)) if (number >= from) found.push(number);
    line += countLines(piece, 0, piece.length);
    offset += whole;
  }
  const lines = found.slice(0, limit);
  if (found.length > limit) return { lines, next: (lines.at(-1) ?? from) + 1 };
  return { lines, next: offset < size ? line : null };
}

/** Bytes stand as characters: none of UTF-8's is taken for another, and nothing has to be decoded. */
const patternOf = (text: string): RegExp =>
  new RegExp(
    Buffer.from(text)
      .toString('latin1')
      .replaceAll(/[^\w\s]/g, String.raw`\$&`),
    'gi',
  );

/** The numbers of the lines that have a text in them, each once; the first one's is `line`. */
function* linesWith(piece: string, wanted: RegExp, line: number): Generator<number> {
  let counted = 0;
  wanted.lastIndex = 0;
  for (let found = wanted.exec(piece); found !== null; found = wanted.exec(piece)) {
    line += countLines(piece, counted, found.index);
    yield line;
    counted = found.index;
    const end = piece.indexOf('\n', counted);
    if (end === -1) return;
    wanted.lastIndex = end;
  }
}

function countLines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1))
    count += 1;
  return count;
}
