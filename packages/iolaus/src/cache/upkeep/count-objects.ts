import type { BinaryCache } from '../binary-cache.ts';

export const objectKinds = [
  'narinfos',
  'archives',
  'listings',
  'logs',
  'debug links',
  'realisations',
  'others',
] as const;

export type ObjectKind = (typeof objectKinds)[number];

export type ObjectCount = { count: number; bytes: number };

/** How much of what a cache holds. */
export async function countObjects(
  { objects }: BinaryCache,
  onObject: () => void,
): Promise<Map<ObjectKind, ObjectCount>> {
  const counts = new Map(objectKinds.map((kind) => [kind, { count: 0, bytes: 0 }]));
  for await (const { key, sizeInBytes } of objects.list('')) {
    const counted = counts.get(kindOf(key));
    if (counted === undefined) continue;
    counted.count += 1;
    counted.bytes += sizeInBytes;
    onObject();
  }
  return counts;
}

function kindOf(key: string): ObjectKind {
  if (/^[^/]+\.narinfo$/.test(key)) return 'narinfos';
  if (/^[^/]+\.ls$/.test(key)) return 'listings';
  if (key.startsWith('nar/')) return 'archives';
  if (key.startsWith('log/')) return 'logs';
  if (key.startsWith('debuginfo/')) return 'debug links';
  return /^(realisations|build-trace-v2)\//.test(key) ? 'realisations' : 'others';
}
