import type { StorePath } from '@iolaus/nix';
import { forEachInParallel } from './in-parallel.ts';

/** Asks whether a cache has a path; rejects when it cannot tell. */
export type AskForPath = (path: StorePath, signal?: AbortSignal) => Promise<boolean>;

/** How long a cache is taken to have what it had: whoever clears it up does so less often. */
const trustMilliseconds = 60 * 60_000;
/** Each is a connection there: with 50 ms to the cache they could ask 5,000 times a second. */
const questionsAtOnce = 256;
/** Some 100 bytes each. */
const rememberedMax = 500_000;

/**
 * What a cache has. Only a yes is remembered, and not for ever. Whoever could not be asked has said neither yes nor no:
 * the whole question fails.
 */
export class Presence {
  readonly #ask: AskForPath;
  readonly #now: () => number;
  /** Until when each is trusted to be there, the oldest first. */
  readonly #trusted = new Map<StorePath, number>();

  constructor(ask: AskForPath, now: () => number = Date.now) {
    this.#ask = ask;
    this.#now = now;
  }

  /** Those that are not there, in the order of `paths`. @throws Fault if that cannot be told of one of them */
  async findMissing(paths: readonly StorePath[], signal?: AbortSignal): Promise<StorePath[]> {
    const open = [...new Set(paths)].filter((path) => !this.#isTrusted(path));
    const missing = new Set<StorePath>();
    await forEachInParallel(open, questionsAtOnce, async (path) => {
      if (await this.#ask(path, signal)) this.note(path);
      else missing.add(path);
    });
    return paths.filter((path) => missing.has(path));
  }

  /** It has been seen there, or put there. */
  note(path: StorePath): void {
    this.#trusted.delete(path);
    this.#trusted.set(path, this.#now() + trustMilliseconds);
    for (const oldest of this.#trusted.keys()) {
      if (this.#trusted.size <= rememberedMax) return;
      this.#trusted.delete(oldest);
    }
  }

  /** It was not there when it was needed. */
  forget(path: StorePath): void {
    this.#trusted.delete(path);
  }

  /** Somebody clears up there. */
  forgetAll(): void {
    this.#trusted.clear();
  }

  #isTrusted(path: StorePath): boolean {
    return (this.#trusted.get(path) ?? 0) > this.#now();
  }
}
