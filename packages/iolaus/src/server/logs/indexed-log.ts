import { LRUCache } from 'lru-cache';
import { LineIndex } from './line-index.ts';
import type { LogHandle } from './unpacked-logs.ts';

/** The lines of a file, and who is looking for more of them just now. */
type Indexed = { readonly index: LineIndex; looking: Promise<boolean> | undefined };

// The largest of them have a few megabytes.
const indexed = new LRUCache<string, Indexed>({ max: 32 });

// A few milliseconds of looking, between which others get their turn.
const pieceBytes = 256 * 1024;
const newline = 0x0a;

/** The lines of a log, at least up to one of them if it has so many; all of it is looked through once, whoever asks. */
export async function indexLog(file: LogHandle, upToLine = Infinity): Promise<LineIndex> {
  const { dev, ino, birthtimeMs, size } = await file.stat();
  const key = `${dev}:${ino}:${birthtimeMs}`;
  const known = indexed.get(key);
  const isKnown = known !== undefined && (await isStillSo(file, known.index, size));
  const one: Indexed = isKnown ? known : { index: new LineIndex(), looking: undefined };
  indexed.set(key, one);
  const { index } = one;
  while (index.end.line <= upToLine && index.end.offset < size) {
    one.looking ??= lookOn(file, index, size).finally(() => {
      one.looking = undefined;
    });
    if (!(await one.looking)) break;
  }
  return index;
}

/** A file that was begun anew has other lines. */
async function isStillSo(file: LogHandle, { end }: LineIndex, size: number): Promise<boolean> {
  if (end.offset > size) return false;
  if (end.offset === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, end.offset - 1);
  return buffer[0] === newline;
}

/** Looks through the next piece; false if there is no whole line in what is left. */
async function lookOn(file: LogHandle, index: LineIndex, size: number): Promise<boolean> {
  const { offset } = index.end;
  const { buffer, bytesRead } = await file.read(
    Buffer.allocUnsafe(pieceBytes),
    ...([0, Math.min(pieceBytes, size - offset), offset] as const),
  );
  const whole = buffer.subarray(0, bytesRead).lastIndexOf(newline) + 1;
  // A line that is longer than a piece counts with its parts.
  const taken = whole === 0 && bytesRead === pieceBytes ? bytesRead : whole;
  index.add(buffer.subarray(0, taken));
  return taken > 0;
}
