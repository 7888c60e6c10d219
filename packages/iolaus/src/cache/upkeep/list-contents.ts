import type { BinaryCache } from '../binary-cache.ts';
import type { ListedObject } from '../objects/object-store.ts';
import { objectKind } from './object-kind.ts';

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
    const kind = objectKind(object.key);
    if (kind === 'debug links') contents.debugLinks.set(object.key, object);
    else if (kind === 'narinfos' || kind === 'archives' || kind === 'listings')
      contents[kind].set(object.key, object);
  }
  return contents;
}
