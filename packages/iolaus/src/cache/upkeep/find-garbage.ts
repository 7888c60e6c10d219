import type { Narinfo } from '@iolaus/nix';
import type { BinaryCache } from '../binary-cache.ts';
import { forEachInParallel } from '../in-parallel.ts';
import { narinfoKey, readSoundNarinfo } from '../narinfos/narinfo-object.ts';
import type { ListedObject } from '../objects/object-store.ts';
import { readObject } from '../read-object.ts';
import { listContents } from './list-contents.ts';
import type { Contents } from './list-contents.ts';
import { Reachable } from './reachable.ts';
import { referrersFirst } from './referrers-first.ts';

/** Hide the way to the cache; answers are short. */
const readsAtOnce = 64;
/** No upload takes as long from its first object to the narinfo that leads to it. */
const uploadMilliseconds = 86_400_000;

/** Objects that go together, in their order, unless something that is needed leads to the key. */
export type Discarded = { readonly key: string; readonly objects: readonly ListedObject[] };

/** What nobody needs any more. */
export type Garbage = {
  /** In the order in which it has to go, each list at once: what leads to others before these. */
  readonly generations: readonly (readonly Discarded[])[];
  /** What stays; more may be added. */
  readonly reachable: Reachable;
  /** How many narinfos there are. */
  readonly narinfos: number;
};

export type GarbageOptions = {
  /** Keys of narinfos, and of other objects that are to stay. */
  readonly roots: readonly string[];
  /** What is younger stays, with all that it refers to. Milliseconds since the epoch. */
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
  await reachable.add([...roots, ...youngKeys(contents, before)], onNarinfo);
  onProgress('listing what came meanwhile');
  await reachable.add(youngKeys(await listContents(cache), before), onNarinfo);
  onProgress('reading what would go');
  const generations = await select(cache, contents, reachable, before);
  return { generations, reachable, narinfos: contents.narinfos.size };
}

const youngKeys = ({ narinfos }: Contents, before: number): string[] =>
  [...narinfos.values()].filter(({ modifiedAt }) => modifiedAt >= before).map(({ key }) => key);

async function select(
  cache: BinaryCache,
  { narinfos, listings, archives, debugLinks }: Contents,
  reachable: Reachable,
  before: number,
): Promise<Discarded[][]> {
  const isUnneeded = ({ key, modifiedAt }: ListedObject): boolean =>
    modifiedAt < before && !reachable.has(key);
  // What nothing leads to may be part of an upload.
  const isForgotten = (object: ListedObject): boolean =>
    isUnneeded(object) && object.modifiedAt < Date.now() - uploadMilliseconds;
  const known = await readThose(cache, [...narinfos.values()].filter(isUnneeded));
  const named = new Set(known.values().map((narinfo) => narinfo?.url));
  return [
    ...orderNarinfos({ narinfos, listings }, known),
    [...listings.values()]
      .map((listing) => ({ key: narinfoOf(listing.key), objects: [listing] }))
      .filter(
        ({ key, objects }) =>
          !narinfos.has(key) && !reachable.has(key) && objects.every(isForgotten),
      ),
    await withLinks(
      cache,
      [...archives.values()].filter((archive) =>
        named.has(archive.key) ? isUnneeded(archive) : isForgotten(archive),
      ),
      [...debugLinks.values()].filter(isUnneeded),
    ),
  ];
}

/** Null for those that make no sense. */
async function readThose(
  cache: BinaryCache,
  narinfos: readonly ListedObject[],
): Promise<ReadonlyMap<string, Narinfo | null>> {
  const found = new Map<string, Narinfo | null>();
  await forEachInParallel(narinfos, readsAtOnce, async ({ key }) => {
    found.set(key, await readSoundNarinfo(cache, key));
  });
  return found;
}

/** Each after its listing, which nobody finds without it. */
function orderNarinfos(
  { narinfos, listings }: Pick<Contents, 'narinfos' | 'listings'>,
  known: ReadonlyMap<string, Narinfo | null>,
): Discarded[][] {
  const references = [...known].map(
    ([key, narinfo]) => [key, narinfo?.references.map(narinfoKey) ?? []] as const,
  );
  return referrersFirst(new Map(references)).map((keys) =>
    keys.map((key) => ({
      key,
      objects: [listings.get(listingOf(key)), narinfos.get(key)].filter(
        (object) => object !== undefined,
      ),
    })),
  );
}

const listingOf = (narinfo: string): string => narinfo.replace(/narinfo$/, 'ls');
const narinfoOf = (listing: string): string => listing.replace(/ls$/, 'narinfo');

/** Archives after the debug links that lead into them, which are read only where some go. */
async function withLinks(
  { objects }: BinaryCache,
  archives: readonly ListedObject[],
  links: readonly ListedObject[],
): Promise<Discarded[]> {
  const leading = new Map<string, ListedObject[]>(archives.map(({ key }) => [`../${key}`, []]));
  await forEachInParallel(archives.length === 0 ? [] : links, readsAtOnce, async (link) => {
    const target = /"archive":"([^"]*)"/.exec(String(await readObject(objects, link.key)))?.[1];
    leading.get(target ?? '')?.push(link);
  });
  return archives.map((archive) => ({
    key: archive.key,
    objects: [...(leading.get(`../${archive.key}`) ?? []), archive],
  }));
}
