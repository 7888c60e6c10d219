import { NixFormatError, parseCacheInfo, printCacheInfo } from '@iolaus/nix';
import type { SecretKey } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import type { CacheAddress, CacheSettings } from './address/store-address.ts';
import { openObjectStore } from './objects/open-object-store.ts';
import type { OpenOptions } from './objects/open-object-store.ts';
import type { ObjectStore } from './objects/object-store.ts';
import { narinfoKey } from './narinfos/narinfo-object.ts';
import { Presence } from './presence.ts';
import { readObject } from './read-object.ts';
import { readSigningKeys } from './signing-keys.ts';
import { noSweeps } from './sweeps.ts';
import type { Sweeps } from './sweeps.ts';

/** A cache that can be read and written. */
export type BinaryCache = Disposable & {
  readonly objects: ObjectStore;
  readonly settings: CacheSettings;
  /** Each signs what is published. */
  readonly keys: readonly SecretKey[];
  readonly presence: Presence;
  readonly sweeps: Sweeps;
};

/** Reads its keys; asks nothing of the cache itself yet. @throws Fault `bad-configuration` */
export function openBinaryCache(
  address: CacheAddress,
  { sweeps = noSweeps, ...options }: OpenOptions & { readonly sweeps?: Sweeps } = {},
): BinaryCache {
  const { settings } = address;
  const keys = readSigningKeys(settings.keyFiles, options.environment);
  const objects = openObjectStore(address, options);
  const presence = new Presence(
    async (path, signal) => (await objects.head(narinfoKey(path), signal)) !== null,
    { sweeps },
  );
  return {
    objects,
    settings,
    keys,
    presence,
    sweeps,
    [Symbol.dispose]: () => objects[Symbol.dispose](),
  };
}

const cacheInfoKey = 'nix-cache-info';

/** Makes an empty place a cache, by its `nix-cache-info`. @throws Fault if it is one of another store */
export async function prepareCache({ objects, settings }: BinaryCache): Promise<void> {
  const { storeDirectory, wantMassQuery, priority } = settings;
  const found = await readObject(objects, cacheInfoKey);
  if (found !== null) return assertSameStore(objects.name, settings, found);
  await objects.put(cacheInfoKey, printCacheInfo({ storeDirectory, wantMassQuery, priority }), {
    contentType: 'text/x-nix-cache-info',
    ifAbsent: true,
  });
}

/** @throws Fault where there is no cache, or one of another store */
export async function assertCache({ objects, settings }: BinaryCache): Promise<void> {
  const found = await readObject(objects, cacheInfoKey);
  if (found !== null) return assertSameStore(objects.name, settings, found);
  throw new Fault(
    'cache-refused',
    `${objects.name} is no binary cache: it has no ${cacheInfoKey}`,
    {
      remedy: 'Look at its address. Whoever publishes to a place makes it a cache.',
    },
  );
}

function assertSameStore(name: string, { storeDirectory }: CacheSettings, found: Buffer): void {
  const theirs = readDirectory(name, found);
  if (theirs !== null && theirs !== storeDirectory)
    throw new Fault(
      'bad-configuration',
      `${name} holds paths of ${theirs}, not of ${storeDirectory}`,
      {
        remedy: 'Say store=… in its address, or take another place.',
      },
    );
}

function readDirectory(name: string, bytes: Buffer): string | null {
  try {
    return parseCacheInfo(bytes).storeDirectory;
  } catch (cause) {
    if (!(cause instanceof NixFormatError)) throw cause;
    throw new Fault('cache-damaged', `the ${cacheInfoKey} of ${name} cannot be read`, { cause });
  }
}
