import { NixFormatError, parseNarinfo, printNarinfo, storePathDigest } from '@iolaus/nix';
import type { Narinfo, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { readObject } from '../read-object.ts';
import { writeObject } from '../write-object.ts';

/** The object that says that a cache has a path, and what it is. */
export function narinfoKey(path: StorePath): string {
  return `${storePathDigest(path)}.narinfo`;
}

/** Null for one that is not there. @throws Fault `cache-damaged` for one that makes no sense */
export async function readNarinfo(
  { objects, settings }: Pick<BinaryCache, 'objects' | 'settings'>,
  key: string,
): Promise<Narinfo | null> {
  const bytes = await readObject(objects, key);
  if (bytes === null) return null;
  try {
    return parseNarinfo(settings.storeDirectory, bytes);
  } catch (cause) {
    if (!(cause instanceof NixFormatError)) throw cause;
    throw new Fault('cache-damaged', `${key} of ${objects.name} is no narinfo`, { cause });
  }
}

/** Null also for one that makes no sense, for those who look after a cache and go on with the others. */
export async function readSoundNarinfo(
  cache: Pick<BinaryCache, 'objects' | 'settings'>,
  key: string,
): Promise<Narinfo | null> {
  try {
    return await readNarinfo(cache, key);
  } catch (error) {
    if (error instanceof Fault && error.code === 'cache-damaged') return null;
    throw error;
  }
}

/** With `ifAbsent` one that is there stays. */
export async function writeNarinfo(
  { objects, settings }: Pick<BinaryCache, 'objects' | 'settings'>,
  narinfo: Narinfo,
  { ifAbsent }: { readonly ifAbsent: boolean },
): Promise<void> {
  const bytes = printNarinfo(settings.storeDirectory, narinfo);
  await writeObject(objects, narinfoKey(narinfo.path), bytes, {
    contentType: 'text/x-nix-narinfo',
    choice: settings.narinfo,
    ifAbsent,
  });
}
