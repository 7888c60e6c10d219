import type { StorePath } from '@iolaus/nix';
import { forEachInParallel } from './in-parallel.ts';
import { noSweeps } from './sweeps.ts';
import type { Sweeps } from './sweeps.ts';

/** Asks whether a cache has a path; rejects when it cannot tell. */
export type AskForPath = (path: StorePath, signal?: AbortSignal) => Promise<boolean>;

/** How long a cache is taken to have what it had, for those who clear it up and tell nobody. */
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
  readonly #sweeps: Pick<Sweeps, 'settled'>;
  /** Until when each is trusted to be there, the oldest first. */
  #trusted = new Map<StorePath, number>();
  /** How often the cache had been swept when these were seen. */
  #seenAfter = 0;

  constructor(
    ask: AskForPath,
    {
      sweeps = noSweeps,
      now = Date.now,
    }: { readonly sweeps?: Pick<Sweeps, 'settled'>; readonly now?: () => number } = {},
  ) {
    this.#ask = ask;
    this.#now = now;
    this.#sweeps = sweeps;
  }

  /** Those that are not there, in the order of `paths`. @throws Fault if that cannot be told of one of them */
  async findMissing(paths: readonly StorePath[], signal?: AbortSignal): Promise<StorePath[]> {
    if (paths.length === 0) return [];
    await this.#forgetSwept();
    const open = [...new Set(paths)].filter((path) => !this.#isTrusted(path));
    const missing = new Set<StorePath>();
    // What is forgotten while it is asked for is not remembered again.
    const trusted = this.#trusted;
    await forEachInParallel(open, questionsAtOnce, async (path) => {
      if (await this.#ask(path, signal)) this.#remember(path, trusted);
      else missing.add(path);
    });
    return paths.filter((path) => missing.has(path));
  }

  /** It has been seen there, or put there. */
  note(path: StorePath): void {
    this.#remember(path, this.#trusted);
  }

  /** It was not there when it was needed. */
  forget(path: StorePath): void {
    this.#trusted.delete(path);
  }

  /** Somebody clears up there. */
  forgetAll(): void {
    this.#trusted = new Map();
  }

  async #forgetSwept(): Promise<void> {
    const portions = await this.#sweeps.settled();
    if (portions === this.#seenAfter) return;
    this.#seenAfter = portions;
    this.forgetAll();
  }

  #remember(path: StorePath, trusted: Map<StorePath, number>): void {
    trusted.delete(path);
    trusted.set(path, this.#now() + trustMilliseconds);
    for (const oldest of trusted.keys()) {
      if (trusted.size <= rememberedMax) return;
      trusted.delete(oldest);
    }
  }

  #isTrusted(path: StorePath): boolean {
    return (this.#trusted.get(path) ?? 0) > this.#now();
  }
}
