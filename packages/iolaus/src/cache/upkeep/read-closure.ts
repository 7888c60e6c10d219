import { queryClosure } from '@iolaus/nix';
import type { Narinfo, PathInfo, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import { atMost } from '../at-most.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { narinfoKey, readNarinfo } from '../narinfos/narinfo-object.ts';

/** Narinfos are short: these hide the way to the cache. */
const readsAtOnce = 64;

/** Those of some paths that are to be read; the others are left alone, with all that they refer to. */
export type SelectPaths = (paths: readonly StorePath[]) => Promise<readonly StorePath[]>;

/**
 * What a cache knows of paths and of all that they refer to, dependencies first. Each is asked for as soon as another
 * names it, many at a time. @throws Fault if one is not there
 */
export async function readClosure(
  cache: BinaryCache,
  paths: readonly StorePath[],
  select: SelectPaths = async (named) => named,
): Promise<ReadonlyMap<StorePath, Narinfo>> {
  const found = new Map<StorePath, Narinfo>();
  const reading = atMost(readsAtOnce);
  const walk = async (
    named: readonly StorePath[],
    onInfo: (info: PathInfo, path: StorePath) => readonly StorePath[],
  ): Promise<void> => {
    const visit = async (path: StorePath): Promise<void> => {
      const narinfo = await reading(() => readOne(cache, path));
      found.set(path, narinfo);
      await walk(onInfo(toPathInfo(narinfo), path), onInfo);
    };
    await Promise.all((await select(named)).map(visit));
  };
  const closure = await queryClosure({ walkPathInfos: walk }, paths);
  return new Map(closure.flatMap(({ path }) => entryOf(found, path)));
}

/** The same as a store would tell. */
export const toPathInfo = (narinfo: Narinfo): PathInfo => ({
  ...narinfo,
  registrationTime: 0,
  ultimate: false,
});

async function readOne(cache: BinaryCache, path: StorePath): Promise<Narinfo> {
  const key = narinfoKey(path);
  const narinfo = await readNarinfo(cache, key);
  if (narinfo?.path === path) return narinfo;
  const { name } = cache.objects;
  if (narinfo === null)
    throw new Fault('cache-refused', `${name} lacks ${path}`, {
      remedy: 'Name a path that was published there, with all that it needs.',
    });
  throw new Fault('cache-damaged', `${key} of ${name} speaks of ${narinfo.path}, not of ${path}`);
}

function entryOf(
  found: ReadonlyMap<StorePath, Narinfo>,
  path: StorePath,
): (readonly [StorePath, Narinfo])[] {
  const narinfo = found.get(path);
  return narinfo === undefined ? [] : [[path, narinfo]];
}
