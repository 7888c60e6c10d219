import type { BinaryCache } from '../binary-cache.ts';
import type { ListedObject } from '../objects/object-store.ts';

/** What a cache holds, as far as paths are concerned, by keys. */
export type Contents = {
  readonly narinfos: ReadonlyMap<string, ListedObject>;
  readonly archives: ReadonlyMap<string, ListedObject>;
  readonly listings: ReadonlyMap<string, ListedObject>;
  readonly debugLinks: ReadonlyMap<string, ListedObject>;
};

/** @throws Fault if it cannot be listed to its end */
export async function listContents({ objects }: Pick<BinaryCache, 'objects'>): Promise<Contents> {
  const contents = {
    narinfos: new Map<string, ListedObject>(),
    archives: new Map<string, ListedObject>(),
    listings: new Map<string, ListedObject>(),
    debugLinks: new Map<string, ListedObject>(),
  };
  for await (const object of objects.list('')) {
    const { key } = object;
    if (/^[^/]+\.narinfo$/.test(key)) contents.narinfos.set(key, object);
    else if (/^[^/]+\.ls$/.test(key)) contents.listings.set(key, object);
    else if (key.startsWith('nar/')) contents.archives.set(key, object);
    else if (key.startsWith('debuginfo/')) contents.debugLinks.set(key, object);
  }
  return contents;
}
