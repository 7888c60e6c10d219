import {
  isSignedBy,
  NixFormatError,
  parseRealisationJson,
  printRealisationJson,
  publicKeyOf,
  realisationFile,
  realisationFingerprint,
  signText,
} from '@iolaus/nix';
import type { OutputKey, SignedRealisation, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { readObject } from '../read-object.ts';

/** What an output turned out to be, under one of its names. */
export type NamedRealisation = { readonly key: OutputKey; readonly path: StorePath };

/**
 * Says it in the cache, signed by each of its keys. Another that is there already stays for as long as the cache has
 * what it names: what was chosen first is what everybody has. @throws Fault
 */
export async function publishRealisation(
  cache: BinaryCache,
  { key, path }: NamedRealisation,
): Promise<void> {
  const unsigned: SignedRealisation = { key, path, signatures: [], dependencies: new Map() };
  const text = realisationFingerprint(unsigned);
  const signatures = cache.keys.map((secret) => signText(secret, text));
  const bytes = printRealisationJson({ ...unsigned, signatures });
  const put = (ifAbsent: boolean) =>
    cache.objects.put(realisationFile(key), bytes, { contentType: 'application/json', ifAbsent });
  if ((await put(true)) === 'created') return;
  if (await isOutOfDate(cache, key, path)) await put(false);
}

async function isOutOfDate(cache: BinaryCache, key: OutputKey, path: StorePath): Promise<boolean> {
  const present = await readRealisation(cache, key);
  if (present === null || present.path === path)
    return present === null || !isTrusted(cache, present);
  return (await cache.presence.findMissing([present.path])).length > 0;
}

/**
 * What the cache says an output is, by the first of its names that it knows; null where it says nothing. Where the
 * cache has keys, only what one of them has signed counts. @throws Fault
 */
export async function findRealisation(
  cache: BinaryCache,
  keys: readonly OutputKey[],
): Promise<StorePath | null> {
  for (const key of keys) {
    const found = await readRealisation(cache, key);
    if (found !== null && isTrusted(cache, found)) return found.path;
  }
  return null;
}

async function readRealisation(
  { objects }: Pick<BinaryCache, 'objects'>,
  key: OutputKey,
): Promise<SignedRealisation | null> {
  const file = realisationFile(key);
  const bytes = await readObject(objects, file);
  if (bytes === null) return null;
  try {
    return parseRealisationJson(key, bytes);
  } catch (cause) {
    if (!(cause instanceof NixFormatError)) throw cause;
    throw new Fault('cache-damaged', `${file} of ${objects.name} is no realisation`, { cause });
  }
}

function isTrusted({ keys }: Pick<BinaryCache, 'keys'>, found: SignedRealisation): boolean {
  if (keys.length === 0) return true;
  const text = realisationFingerprint(found);
  const known = keys.map(publicKeyOf);
  return found.signatures.some((signature) => isSignedBy(known, text, signature));
}
