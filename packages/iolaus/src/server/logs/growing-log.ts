import { LRUCache } from 'lru-cache';
import type { LogHandle } from './unpacked-logs.ts';
import { characterBytesMax, countWholeCharacters } from './whole-characters.ts';

/** Text up to `offset`, in bytes from the beginning of the file. */
export type LogText = { readonly type: 'text'; readonly text: string; readonly offset: number };

/** A log as one of those sees it who follow it; the file is looked at, and read, once for all of them. */
export type GrowingLog = AsyncDisposable & {
  /** Bytes, as of a moment ago. */
  readonly size: number;
  /** The next piece from `offset` on; undefined if there is none. An unfinished character is kept for later, unless `all`. */
  read(offset: number, all: boolean): Promise<LogText | undefined>;
  /** Resolves when there is more, or a while has passed. */
  change(): Promise<void>;
};

// Pieces end at multiples of it, so that all who are behind come to read the same ones. Large enough for a burst of
// a few hundred lines, small enough to be cut off from a slow reader without loss.
const pieceBytesMax = 64 * 1024;
// A file tells nobody that it grows without costing a watch each; asking twenty times a second feels immediate.
const pollMilliseconds = 50;
// Whoever follows looks a few times a second whether the step has ended.
const pollsAWhile = 4;
// Of what was read last, for all who are about as far.
const keptBytes = 2 * 1024 * 1024;

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

/** Looks at a file that grows, and keeps what was read of it last, until the last user has left. */
class Follower {
  users = 0;
  size = 0;
  change = Promise.withResolvers<void>();
  readonly #file: LogHandle;
  readonly #forget: () => void;
  readonly #timer: NodeJS.Timeout;
  /** By where they begin and were to end. */
  readonly #pieces = new LRUCache<string, LogText>({ maxSize: keptBytes });
  readonly #readings = new Map<string, Promise<LogText | undefined>>();
  #looking: Promise<void> = Promise.resolve();
  #polls = 0;

  constructor(file: LogHandle, forget: () => void) {
    this.#file = file;
    this.#forget = forget;
    this.#timer = setInterval(() => void this.look().catch(() => {}), pollMilliseconds);
  }

  look(): Promise<void> {
    this.#looking = this.#looking.catch(() => {}).then(() => this.#look());
    return this.#looking;
  }

  /** Who is up to date gets what has come since, who is behind as much as a piece holds; it is read once for all who ask. */
  async read(offset: number, all: boolean): Promise<LogText | undefined> {
    const end = Math.min(this.size, pieceEnd(offset));
    if (end <= offset) return undefined;
    const key = `${offset}-${end}${all ? ' all' : ''}`;
    const known = this.#pieces.get(key) ?? this.#readings.get(key);
    if (known !== undefined) return known;
    const reading = this.#readPiece(offset, end, all).then((piece) => {
      // Unless the file was begun anew meanwhile.
      if (piece !== undefined && this.#readings.has(key))
        this.#pieces.set(key, piece, { size: end - offset });
      return piece;
    });
    this.#readings.set(key, reading);
    return reading.finally(() => this.#readings.delete(key));
  }

  async leave(): Promise<void> {
    this.users -= 1;
    if (this.users > 0) return;
    this.#forget();
    clearInterval(this.#timer);
    await this.#looking.catch(() => {});
    await this.#file.close();
  }

  async #look(): Promise<void> {
    const { size } = await this.#file.stat();
    const before = this.size;
    if (size < before) {
      this.#pieces.clear();
      this.#readings.clear();
    }
    this.size = size;
    this.#polls += 1;
    if (size === before && this.#polls % pollsAWhile !== 0) return;
    this.change.resolve();
    this.change = Promise.withResolvers();
  }

  async #readPiece(offset: number, end: number, all: boolean): Promise<LogText | undefined> {
    const buffer = Buffer.allocUnsafe(end - offset);
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, offset);
    const bytes = buffer.subarray(0, bytesRead);
    const whole = all ? bytesRead : countWholeCharacters(bytes);
    if (whole === 0) return undefined;
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, whole));
    return { type: 'text', text, offset: offset + whole };
  }
}

/** Has room for a whole character at least: one that lies across the end of a piece begins the next. */
const pieceEnd = (offset: number): number =>
  (Math.floor((offset + characterBytesMax) / pieceBytesMax) + 1) * pieceBytesMax;
