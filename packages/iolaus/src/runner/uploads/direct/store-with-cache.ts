import type { Narinfo, StorePath } from '@iolaus/nix';
import { CallError } from '../../../protocol/call-error.ts';
import { forEachInParallel } from '../../../cache/in-parallel.ts';
import { narinfoKey, readNarinfo } from '../../../cache/narinfos/narinfo-object.ts';
import { fromCache } from '../../../cache/upkeep/from-cache.ts';
import { readClosure, toPathInfo } from '../../../cache/upkeep/read-closure.ts';
import type { StoreTransfers } from '../../store/store-transfers.ts';
import { openMeasure } from '../../store/measure.ts';
import type { Measure } from '../../store/measure.ts';
import type { Validity } from '../../store/validity.ts';
import type { RunnerStore } from '../../store/runner-store.ts';
import { resultsInEither } from './results-in-cache.ts';
import type { DirectCache } from './direct-cache.ts';

/** Narinfos are short: these hide the way to the cache. */
const readsAtOnce = 32;

/** As it is now; null: what is not in the store is nowhere. */
type CacheNow = () => DirectCache | null;

/** The runner's store together with a cache that builders upload to: dependents can fetch their inputs from both. */
export function withCache<Store extends RunnerStore>(store: Store, cacheNow: CacheNow): Store {
  return {
    ...store,
    validPaths: validInEither(store.validPaths, cacheNow),
    measure: measuredInEither(store.measure, cacheNow),
    transfers: transfersOfEither(store, cacheNow),
    results: resultsInEither(store, cacheNow),
  };
}

/** Rejects if the cache cannot be asked: that is no proof that a path is missing. */
function validInEither(validInStore: Validity, cacheNow: CacheNow): Validity {
  return async (paths) => {
    const valid = await validInStore(paths);
    const direct = cacheNow();
    if (direct === null) return valid;
    const absent = paths.filter((path) => !valid.has(path));
    const missing = new Set(await direct.cache.presence.findMissing(absent));
    return new Set([...valid, ...absent.filter((path) => !missing.has(path))]);
  };
}

/** In a cache, its narinfos tell: who wrote them, here, has read the archives before. */
function measuredInEither(measureInStore: Measure, cacheNow: CacheNow): Measure {
  const measureInCache = openMeasure(async (paths) => {
    const found = new Map<StorePath, Narinfo>();
    const direct = cacheNow();
    if (direct === null) return found;
    await forEachInParallel(paths, readsAtOnce, async (path) => {
      const narinfo = await readNarinfo(direct.cache, narinfoKey(path));
      if (narinfo !== null) found.set(path, narinfo);
    });
    return found;
  });
  return async (paths) => {
    const stored = await measureInStore(paths);
    const absent = paths.filter((path) => !stored.has(path));
    if (absent.length === 0 || cacheNow() === null) return stored;
    return new Map([...stored, ...(await measureInCache(absent))]);
  };
}

function transfersOfEither(
  { transfers, validPaths }: Pick<RunnerStore, 'transfers' | 'validPaths'>,
  cacheNow: CacheNow,
): StoreTransfers {
  const absentFromStore = async (paths: readonly StorePath[]): Promise<StorePath[]> => {
    const valid = await validPaths(paths);
    return paths.filter((path) => !valid.has(path));
  };
  return {
    has: (path) => transfers.has(path),
    receive: (paths) => transfers.receive(paths),
    requisites: async (paths) => {
      const direct = cacheNow();
      const absent = direct === null ? [] : await absentFromStore(paths);
      if (direct === null || absent.length === 0) return transfers.requisites(paths);
      const missing = new Set(await direct.cache.presence.findMissing(absent));
      const there = absent.filter((path) => !missing.has(path));
      const inCache = await readClosure(direct.cache, there);
      const inStore = await transfers.requisites(paths.filter((path) => !absent.includes(path)));
      return [...new Set([...inStore, ...inCache.keys()])];
    },
    send: async (paths) => {
      const direct = cacheNow();
      const absent = new Set(direct === null ? [] : await absentFromStore(paths));
      if (direct === null || absent.size === 0) return transfers.send(paths);
      const known = await readEach(direct, [...absent]);
      const sent = await transfers.send(paths.filter((path) => !absent.has(path)));
      const stored = new Map(sent.infos.map((info) => [info.path, info]));
      const source = fromCache(direct.cache, known);
      return {
        infos: paths.flatMap((path) => {
          const narinfo = known.get(path);
          return stored.get(path) ?? (narinfo === undefined ? [] : toPathInfo(narinfo));
        }),
        nar: (info) => (known.has(info.path) ? source(info) : sent.nar(info)),
      };
    },
  };
}

async function readEach(
  { cache }: DirectCache,
  paths: readonly StorePath[],
): Promise<ReadonlyMap<StorePath, Narinfo>> {
  const found = new Map<StorePath, Narinfo>();
  await forEachInParallel(paths, readsAtOnce, async (path) => {
    const narinfo = await readNarinfo(cache, narinfoKey(path));
    if (narinfo !== null) return void found.set(path, narinfo);
    cache.presence.forget(path);
    throw new CallError('not-found', `neither the runner's store nor its cache has ${path}`);
  });
  return found;
}
