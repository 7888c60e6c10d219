import type { BinaryCache } from '../binary-cache.ts';
import { objectKind, objectKinds } from './object-kind.ts';
import type { ObjectKind } from './object-kind.ts';

export type ObjectCount = { count: number; bytes: number };

/** How much of what a cache holds. */
export async function countObjects(
  { objects }: BinaryCache,
  onObject: () => void,
): Promise<Map<ObjectKind, ObjectCount>> {
  const counts = new Map(objectKinds.map((kind) => [kind, { count: 0, bytes: 0 }]));
  for await (const { key, sizeInBytes } of objects.list('')) {
    const counted = counts.get(objectKind(key));
    if (counted === undefined) continue;
    counted.count += 1;
    counted.bytes += sizeInBytes;
    onObject();
  }
  return counts;
}
