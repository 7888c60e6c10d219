import { NixFormatError, parseListingFile, storePathDigest } from '@iolaus/nix';
import type { NarListing, Narinfo, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { forEachInParallel } from '../in-parallel.ts';
import { assertSigned } from '../narinfos/assert-signed.ts';
import { asS3Pair, copyObject } from '../objects/s3/copy-object.ts';
import type { S3Pair } from '../objects/s3/copy-object.ts';
import { describeContents, sealPath } from '../publish/publish-path.ts';
import type { Publisher } from '../publish/publisher.ts';
import { examineArchive } from '../publish/store-archive.ts';
import { readObject } from '../read-object.ts';
import { fromCache } from './from-cache.ts';
import { readClosure, toPathInfo } from './read-closure.ts';

/** The server does the work; each is a request that waits for it. */
const copiesAtOnce = 16;

/**
 * Has a cache hold paths of another one, with all that they refer to and it lacks. Archives are copied by the server
 * where both are buckets of one, else read, held against their hashes, and published. Narinfos come last, dependencies
 * first, and keep the signatures that they have. @throws Fault
 */
export async function copyPaths(
  source: BinaryCache,
  publisher: Publisher,
  paths: readonly StorePath[],
): Promise<void> {
  const target = publisher.cache;
  const closure = await readClosure(source, paths, (named) => target.presence.findMissing(named));
  for (const narinfo of closure.values()) assertSigned(source, narinfo);
  const archives = fromCache(source, closure);
  const copied = await copyOnServer(source, target, [...closure.values()]);
  if (copied.size === 0)
    return void (await publisher.publish([...closure.values()].map(toPathInfo), archives));
  for (const narinfo of closure.values()) {
    const there = copied.get(narinfo.path);
    if (there === undefined) await publisher.publish([toPathInfo(narinfo)], archives);
    else await sealPath(target, there);
  }
}

/** What of these the target can say now, as far as the server could copy what readers need. */
async function copyOnServer(
  source: BinaryCache,
  target: BinaryCache,
  narinfos: readonly Narinfo[],
): Promise<ReadonlyMap<StorePath, Narinfo>> {
  const copied = new Map<StorePath, Narinfo>();
  const pair = asS3Pair(source.objects, target.objects);
  if (pair === null) return copied;
  await forEachInParallel(narinfos, copiesAtOnce, async (narinfo) => {
    const there = await copyContents(pair, source, target, narinfo);
    if (there !== null) copied.set(narinfo.path, there);
  });
  return copied;
}

/** Null where the archive has to be read. */
async function copyContents(
  pair: S3Pair,
  source: BinaryCache,
  target: BinaryCache,
  narinfo: Narinfo,
): Promise<Narinfo | null> {
  const { writesListings, indexesDebugInfo } = target.settings;
  const listing =
    writesListings || indexesDebugInfo ? await readListing(source, narinfo.path) : null;
  if (listing === null && (writesListings || indexesDebugInfo)) return null;
  const there = await copyArchive(pair, target, narinfo);
  if (there !== null && listing !== null)
    await describeContents(target, narinfo.path, there, listing);
  return there;
}

/** What somebody else put there is read, and gives way if it is wrong. */
async function copyArchive(
  pair: S3Pair,
  target: BinaryCache,
  narinfo: Narinfo,
): Promise<Narinfo | null> {
  const { url, narSize, fileSize, path } = narinfo;
  const before = await target.objects.head(url);
  const outcome = before === null ? await copyObject(pair, url, fileSize ?? narSize) : 'exists';
  if (outcome === 'exists') {
    await target.sweeps.spare([url]);
    const found = await examineArchive(target, narinfo, narinfo);
    if (found !== null) return { ...narinfo, fileHash: found.fileHash, fileSize: found.fileSize };
    await target.objects.delete(url);
    throw new Fault(
      'cache-unavailable',
      `${url} of ${target.objects.name} was not that of ${path}`,
    );
  }
  if (outcome === null) return null;
  const size = (await target.objects.head(url))?.sizeInBytes;
  if (size !== undefined && size === (fileSize ?? size)) return narinfo;
  throw new Fault(
    'cache-unavailable',
    `${url} was copied to ${target.objects.name} with ${fileSize} bytes, and there are ${size ?? 'none'}`,
  );
}

/** As the other cache has it; null where there is none that can be read. */
async function readListing({ objects }: BinaryCache, path: StorePath): Promise<NarListing | null> {
  const bytes = await readObject(objects, `${storePathDigest(path)}.ls`);
  if (bytes === null) return null;
  try {
    return parseListingFile(bytes);
  } catch (error) {
    if (error instanceof NixFormatError) return null;
    throw error;
  }
}
