import type { BinaryCache } from '../binary-cache.ts';
import { forEachInParallel } from '../in-parallel.ts';
import { narinfoKey, readNarinfo } from '../narinfos/narinfo-object.ts';

/** Hide the way to the cache. */
const atOnce = 64;

/** What can be reached from some objects. */
export class Reachable {
  readonly #cache: BinaryCache;
  /** Keys of narinfos, also of those that are not there, and of archives. */
  readonly #keys = new Set<string>();

  constructor(cache: BinaryCache) {
    this.#cache = cache;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /**
   * Adds these, and of narinfos all that they refer to. @param onNarinfo told of each that was read
   * @throws Fault if one of them cannot be read: nobody knows then what it refers to
   */
  async add(keys: Iterable<string>, onNarinfo: () => void = () => {}): Promise<void> {
    let frontier = this.#takeNew(keys);
    while (frontier.length > 0) {
      const found: string[] = [];
      await forEachInParallel(frontier, atOnce, async (key) => {
        const narinfo = await readNarinfo(this.#cache, key);
        if (narinfo === null) return;
        this.#keys.add(narinfo.url);
        for (const path of narinfo.references) found.push(narinfoKey(path));
        onNarinfo();
      });
      frontier = this.#takeNew(found);
    }
  }

  /** Returns the narinfos among them. */
  #takeNew(keys: Iterable<string>): string[] {
    const taken = [...new Set(keys)].filter((key) => !this.#keys.has(key));
    for (const key of taken) this.#keys.add(key);
    return taken.filter((key) => key.endsWith('.narinfo'));
  }
}
