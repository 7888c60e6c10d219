import type { StorePath } from '@iolaus/nix';
import type { BinaryCache } from '../binary-cache.ts';
import { forEachInParallel } from '../in-parallel.ts';
import { narinfoKey } from '../narinfos/narinfo-object.ts';
import type { ListedObject } from '../objects/object-store.ts';
import { readObject } from '../read-object.ts';
import { listContents } from './list-contents.ts';
import type { Contents } from './list-contents.ts';
import { Reachable } from './reachable.ts';

/** Deleting is cheap for the cache, and its answer short. */
const deletionsAtOnce = 32;

/** What nobody needs any more, by kind, in the order in which it has to go: what is promised before what it promises. */
export type Garbage = {
  readonly narinfos: readonly ListedObject[];
  readonly listings: readonly ListedObject[];
  readonly debugLinks: readonly ListedObject[];
  readonly archives: readonly ListedObject[];
  /** Narinfos that stay. */
  readonly kept: number;
};

export type GarbageOptions = {
  readonly roots: readonly StorePath[];
  /** What is younger stays, with all that it refers to: it may be part of an upload. Milliseconds since the epoch. */
  readonly before: number;
  /** Told how far it is, for people. */
  readonly onProgress: (doing: string) => void;
};

/**
 * Finds what cannot be reached from the roots. What was published meanwhile counts as reachable, too, when it is looked at
 * a second time. @throws Fault if the cache could not be read as a whole: nothing is known to be garbage then
 */
export async function findGarbage(
  cache: BinaryCache,
  { roots, before, onProgress }: GarbageOptions,
): Promise<Garbage> {
  onProgress('listing the cache');
  const contents = await listContents(cache);
  const reachable = new Reachable(cache);
  let read = 0;
  const onNarinfo = (): void => onProgress(`${(read += 1)} narinfos reached`);
  await reachable.add([...roots.map(narinfoKey), ...youngKeys(contents, before)], onNarinfo);
  onProgress('listing what came meanwhile');
  await reachable.add(youngKeys(await listContents(cache), before), onNarinfo);
  return select(cache, contents, reachable, before);
}

/** Deletes it. @throws Fault when the first deletion fails, with what was begun ended: the next call finds the rest */
export async function sweepGarbage(
  { objects, presence }: BinaryCache,
  garbage: Garbage,
  onProgress: GarbageOptions['onProgress'],
): Promise<void> {
  presence.forgetAll();
  let deleted = 0;
  for (const kind of ['narinfos', 'listings', 'debugLinks', 'archives'] as const)
    await forEachInParallel(garbage[kind], deletionsAtOnce, async ({ key }) => {
      await objects.delete(key);
      onProgress(`${(deleted += 1)} deleted`);
    });
}

async function select(
  cache: BinaryCache,
  contents: Contents,
  { narinfos, archives }: Reachable,
  before: number,
): Promise<Garbage> {
  const old = (objects: ReadonlyMap<string, ListedObject>): ListedObject[] =>
    [...objects.values()].filter(({ modifiedAt }) => modifiedAt < before);
  const unwanted = old(contents.narinfos).filter(({ key }) => !narinfos.has(key));
  const orphans = old(contents.archives).filter(({ key }) => !archives.has(key));
  return {
    narinfos: unwanted,
    listings: old(contents.listings).filter(
      ({ key }) => !narinfos.has(key.replace(/ls$/, 'narinfo')),
    ),
    debugLinks: await linksTo(cache, orphans, old(contents.debugLinks)),
    archives: orphans,
    kept: contents.narinfos.size - unwanted.length,
  };
}

const youngKeys = ({ narinfos }: Contents, before: number): string[] =>
  [...narinfos.values()].filter(({ modifiedAt }) => modifiedAt >= before).map(({ key }) => key);

/** Those that lead into archives that go. Read only where some do. */
async function linksTo(
  { objects }: BinaryCache,
  archives: readonly ListedObject[],
  links: readonly ListedObject[],
): Promise<ListedObject[]> {
  if (archives.length === 0) return [];
  const doomed = new Set(archives.map(({ key }) => `../${key}`));
  const found: ListedObject[] = [];
  await forEachInParallel(links, deletionsAtOnce, async (link) => {
    const target = /"archive":"([^"]*)"/.exec(String(await readObject(objects, link.key)))?.[1];
    if (target !== undefined && doomed.has(target)) found.push(link);
  });
  return found;
}
