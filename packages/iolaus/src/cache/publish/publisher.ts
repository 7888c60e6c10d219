import { join } from 'node:path';
import { dumpNar } from '@iolaus/nix';
import type { Narinfo, PathInfo, StorePath } from '@iolaus/nix';
import { atMost } from '../at-most.ts';
import type { Lane } from '../at-most.ts';
import type { BinaryCache } from '../binary-cache.ts';
import type { Chunks } from '../compression/through.ts';
import { smallBytesMax } from '../objects/gather.ts';
import { sealPath, storeContents } from './publish-path.ts';

/** Where archives come from. */
export type ArchiveSource = (info: PathInfo) => Chunks;

/** Reads them from the files of a store. Of a large one each piece is good only until the next is asked for. */
export const fromStoreFolder =
  (physicalDirectory: string): ArchiveSource =>
  ({ path, narSize }) =>
    dumpNar(join(physicalDirectory, path), {
      sizeInBytes: narSize,
      reuseBuffer: narSize > smallBytesMax,
    });

/** What waits to be taken is in memory: of tiny ones 64 are under way, of the largest of them 16. */
const smallBytesAtOnce = 16 * smallBytesMax;
const smallestShareInBytes = smallBytesAtOnce / 64;
/** Each holds some parts of its own in memory, and uses all cores when it is compressed. */
const largeAtOnce = 2;

/** Puts closures into a cache; as many at a time as one likes. */
export class Publisher {
  readonly cache: BinaryCache;
  /** A large path does not hold up the small ones. */
  readonly #small: Lane = atMost(smallBytesAtOnce);
  readonly #large: Lane = atMost(largeAtOnce);
  /** By path; whoever wants the same waits for it. */
  readonly #underWay = new Map<StorePath, Promise<void>>();

  constructor(cache: BinaryCache) {
    this.cache = cache;
  }

  /**
   * Publishes what the cache lacks of these paths, and resolves when it has all of them. Archives go side by side; a
   * narinfo comes when all that the path refers to is there.
   * @param closure dependencies first
   * @returns how many were lacking
   * @throws Fault the first one, when all that could be done is done
   */
  async publish(closure: readonly PathInfo[], source: ArchiveSource): Promise<number> {
    const missing = new Set(await this.cache.presence.findMissing(closure.map(({ path }) => path)));
    const infos = closure.filter(({ path }) => missing.has(path));
    const ends = await Promise.allSettled(infos.map((info) => this.#publishOnce(info, source)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return infos.length;
  }

  #publishOnce(info: PathInfo, source: ArchiveSource): Promise<void> {
    const { path } = info;
    const already = this.#underWay.get(path);
    if (already !== undefined) return already;
    const publishing = this.#publishPath(info, source).finally(() => this.#underWay.delete(path));
    publishing.catch(() => {});
    this.#underWay.set(path, publishing);
    return publishing;
  }

  /** Whatever it refers to is under way already, if it was lacking: dependencies come first. */
  async #publishPath(info: PathInfo, source: ArchiveSource): Promise<void> {
    const references = info.references.filter((other) => other !== info.path);
    const awaited = references.flatMap((other) => this.#underWay.get(other) ?? []);
    const store = (): Promise<Narinfo> => storeContents(this.cache, info, () => source(info));
    const narinfo =
      info.narSize <= smallBytesMax
        ? await this.#small(store, Math.max(info.narSize, smallestShareInBytes))
        : await this.#large(store);
    await Promise.all(awaited);
    await this.#small(() => sealPath(this.cache, narinfo), smallestShareInBytes);
  }
}
