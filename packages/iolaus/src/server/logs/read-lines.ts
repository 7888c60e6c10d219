import { styleAfter } from '@iolaus/web/log-painting';
import { indexLog } from './indexed-log.ts';
import type { LogHandle } from './unpacked-logs.ts';

/** Some lines of a log, without their ends. */
export type LogLines = {
  /** The terminal's style that goes on into the first one: sequences of escapes, or nothing. */
  readonly style: string;
  readonly lines: readonly string[];
};

// What a browser takes in one go without a stutter. Whoever gets fewer lines than they asked for asks on.
const readBytesMax = 1024 * 1024;

/** `count` lines from one on, or fewer, if they are long or there are no more; at the end with the one that is not whole. */
export async function readLines(file: LogHandle, from: number, count: number): Promise<LogLines> {
  const index = await indexLog(file, from + count);
  const { size } = await file.stat();
  const begin = index.markBefore(from);
  const end = index.markBehind(from + count)?.offset ?? size;
  const bytes = await readBytes(file, begin.offset, Math.min(end, begin.offset + readBytesMax));
  const lines = splitLines(bytes.toString(), begin.offset + bytes.length < end);
  const before = lines.splice(0, from - begin.line);
  return { style: styleAfter(before.join('\n'), begin.style), lines: lines.slice(0, count) };
}

export async function readBytes(file: LogHandle, start: number, end: number): Promise<Buffer> {
  const length = Math.max(end - start, 0);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start);
  return buffer.subarray(0, bytesRead);
}

/** Of a text that was cut somewhere the last line is left out, if there are others. */
function splitLines(text: string, isCut: boolean): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '' || (isCut && lines.length > 1)) lines.pop();
  return lines;
}
