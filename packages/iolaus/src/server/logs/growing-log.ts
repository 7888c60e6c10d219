import type { LogHandle } from './unpacked-logs.ts';
import { characterBytesMax, countWholeCharacters } from './whole-characters.ts';

/** Text up to `offset`, in bytes from the beginning of the file. */
export type LogText = { readonly type: 'text'; readonly text: string; readonly offset: number };

/** A log as one of those sees it who follow it; the file is looked at once for all of them. */
export type GrowingLog = AsyncDisposable & {
  /** Bytes, as of a moment ago. */
  readonly size: number;
  /** The next piece from `offset` on; undefined if there is none. An unfinished character is kept for later, unless `all`. */
  read(offset: number, all: boolean): Promise<LogText | undefined>;
  /** Resolves when there is more, or a while has passed. */
  change(): Promise<void>;
};

// Large enough for a burst of a few hundred lines, small enough to be cut off from a slow reader without loss.
const pieceBytesMax = 64 * 1024;
// A file tells nobody that it grows without costing a watch each; asking twenty times a second feels immediate.
const pollMilliseconds = 50;
// Whoever follows looks a few times a second whether the step has ended.
const pollsAWhile = 4;
// What came last, for all who are up to date: whoever is further behind reads the file for themselves.
const keptPieces = 32;

const followed = new Map<string, Follower>();

/** Follows an open file, which it closes, with all others who follow the same one. */
export async function followFile(file: LogHandle): Promise<GrowingLog> {
  const { dev, ino } = await file.stat();
  const key = `${dev}:${ino}`;
  const known = followed.get(key);
  if (known !== undefined) await file.close();
  const follower = known ?? new Follower(file, () => followed.delete(key));
  followed.set(key, follower);
  follower.users += 1;
  await follower.look();
  return {
    get size() {
      return follower.size;
    },
    read: (offset, all) => follower.read(offset, all),
    change: () => follower.change.promise,
    [Symbol.asyncDispose]: () => follower.leave(),
  };
}

/** Reads a file that grows, and keeps what came last, until the last user has left. */
class Follower {
  users = 0;
  size = 0;
  change = Promise.withResolvers<void>();
  readonly #file: LogHandle;
  readonly #forget: () => void;
  readonly #timer: NodeJS.Timeout;
  /** By where they begin. The end of each is the beginning of the next. */
  readonly #pieces = new Map<number, LogText>();
  #end: number | undefined;
  #looking: Promise<void> = Promise.resolve();
  #polls = 0;

  constructor(file: LogHandle, forget: () => void) {
    this.#file = file;
    this.#forget = forget;
    this.#timer = setInterval(() => void this.look().catch(() => {}), pollMilliseconds);
  }

  /** Reads what has come since the last time. */
  look(): Promise<void> {
    this.#looking = this.#looking.catch(() => {}).then(() => this.#readNews());
    return this.#looking;
  }

  /** What somebody has not got who is behind ends where a piece begins that is kept: from there on they share them. */
  async read(offset: number, all: boolean): Promise<LogText | undefined> {
    const shared = this.#pieces.get(offset);
    if (shared !== undefined) return shared;
    if (!all && offset >= (this.#end ?? 0)) return undefined;
    const [first = this.#end ?? this.size] = this.#pieces.keys();
    const most = offset < first && !all ? Math.min(first - offset, pieceBytesMax) : pieceBytesMax;
    return this.#readPiece(offset, most, all);
  }

  async leave(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    this.#forget();
    clearInterval(this.#timer);
    await this.#looking.catch(() => {});
    await this.#file.close();
  }

  async #readNews(): Promise<void> {
    const { size } = await this.#file.stat();
    if (size < this.size) this.#pieces.clear();
    this.#end = size < this.size ? 0 : (this.#end ?? (await this.#lastWhole(size)));
    this.size = size;
    const before = this.#end;
    while (this.#end < size) {
      const piece = await this.#readPiece(this.#end, pieceBytesMax, false);
      if (piece === undefined) break;
      this.#pieces.set(this.#end, piece);
      this.#end = piece.offset;
      const [oldest] = this.#pieces.keys();
      if (this.#pieces.size > keptPieces && oldest !== undefined) this.#pieces.delete(oldest);
    }
    this.#polls += 1;
    if (this.#end !== before || this.#polls % pollsAWhile === 0) {
      this.change.resolve();
      this.change = Promise.withResolvers();
    }
  }

  /** Where the last whole character before `size` ends: what is shared begins with one. */
  async #lastWhole(size: number): Promise<number> {
    const start = Math.max(0, size - characterBytesMax);
    const buffer = Buffer.alloc(size - start);
    await this.#file.read(buffer, 0, buffer.length, start);
    return start + countWholeCharacters(buffer);
  }

  async #readPiece(offset: number, most: number, all: boolean): Promise<LogText | undefined> {
    const buffer = Buffer.allocUnsafe(most);
    const { bytesRead } = await this.#file.read(buffer, 0, most, offset);
    const bytes = buffer.subarray(0, bytesRead);
    const whole = all ? bytesRead : countWholeCharacters(bytes);
    if (whole === 0) return undefined;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, whole));
    return { type: 'text', text, offset: offset + whole };
  }
}
