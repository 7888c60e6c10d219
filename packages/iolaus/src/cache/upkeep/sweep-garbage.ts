import type { BinaryCache } from '../binary-cache.ts';
import { forEachInParallel } from '../in-parallel.ts';
import type { ListedObject } from '../objects/object-store.ts';
import type { Discarded, Garbage } from './find-garbage.ts';

/** Deleting is cheap for the cache, and its answer short. */
const deletionsAtOnce = 32;
/** With 50 ms to the cache, whoever wants to begin to use it waits for a second. */
const portionMax = 500;

export type SweepOptions = {
  /**
   * Calls `remove` when nobody begins to use the cache, with the keys of what came to be needed since the last call. What it
   * removed is gone when it resolves.
   */
  readonly portion: (remove: (needed: readonly string[]) => Promise<void>) => Promise<void>;
  /** Told how far it is, for people. */
  readonly onProgress: (doing: string) => void;
};

/**
 * Deletes garbage but for what is needed after all; returns what went. Broken off anywhere, it leaves nothing that lacks
 * anything. @throws Fault when the first deletion fails, with what was begun ended: the next call finds the rest
 */
export async function sweepGarbage(
  { objects, presence }: Pick<BinaryCache, 'objects' | 'presence'>,
  { generations, reachable }: Garbage,
  { portion, onProgress }: SweepOptions,
): Promise<ListedObject[]> {
  presence.forgetAll();
  const removed = new Map<string, ListedObject>();
  const remove = async (discarded: Discarded): Promise<void> => {
    if (reachable.has(discarded.key)) return;
    for (const object of discarded.objects) {
      await objects.delete(object.key);
      removed.set(object.key, object);
    }
    onProgress(`${removed.size} deleted`);
  };
  for (const some of generations.flatMap(inPortions))
    await portion(async (needed) => {
      await reachable.add(needed);
      await forEachInParallel(some, deletionsAtOnce, remove);
    });
  return [...removed.values()];
}

function inPortions(discarded: readonly Discarded[]): (readonly Discarded[])[] {
  const starts = Array.from({ length: Math.ceil(discarded.length / portionMax) });
  return starts.map((_, index) => discarded.slice(index * portionMax, (index + 1) * portionMax));
}
