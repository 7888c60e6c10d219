import type { BinaryCache } from '../binary-cache.ts';
import { forEachInParallel } from '../in-parallel.ts';

/** Hide the way to the cache; each holds a narinfo, and an archive as it streams. */
const atOnce = 32;
/** So much is done again, at most, by a walk that goes on where another was broken off. */
const batchKeys = 512;

/**
 * Does the same with each narinfo of a cache, in the order of their keys.
 * @param after goes on behind this key
 * @param onBatch told of the last key of those that are done
 */
export async function walkNarinfos(
  { objects }: Pick<BinaryCache, 'objects'>,
  visit: (key: string) => Promise<void>,
  {
    after,
    onBatch,
  }: { readonly after?: string; readonly onBatch?: (key: string) => Promise<void> } = {},
): Promise<void> {
  let batch: string[] = [];
  const finish = async (): Promise<void> => {
    await forEachInParallel(batch, atOnce, visit);
    const last = batch.at(-1);
    batch = [];
    if (last !== undefined) await onBatch?.(last);
  };
  for await (const { key } of objects.list('', after)) {
    if (!/^[^/]+\.narinfo$/.test(key)) continue;
    batch.push(key);
    if (batch.length === batchKeys) await finish();
  }
  await finish();
}
