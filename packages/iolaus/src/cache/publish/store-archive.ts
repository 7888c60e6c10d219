import { equalHashes, NarLister, NarMeter, printHash } from '@iolaus/nix';
import type { Hash, NarMeasure, Narinfo, NarListing, PathInfo } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { compress } from '../compression/compress.ts';
import { narKey } from '../compression/compression.ts';
import type { Compression } from '../compression/compression.ts';
import { canDecompress, decompress } from '../compression/decompress.ts';
import { mayPass } from '../http/retries.ts';
import { gatherInTurn, smallBytesMax } from '../objects/gather.ts';
import { ArchiveCheck } from './check-archive.ts';
import type { ArchiveClaim } from './check-archive.ts';
import type { Chunks } from '../compression/through.ts';

/** An archive that a cache holds. */
export type StoredArchive = {
  /** Its key. */
  readonly url: string;
  /** Perhaps another one than the cache's: not every builder can do that. */
  readonly compression: string;
  readonly fileHash: Hash;
  readonly fileSize: number;
  /** Null where none was wanted. */
  readonly listing: NarListing | null;
};

/** What is shorter is sent without asking first whether it is there: that costs no more than the question. */
const sentAnywayBytesMax = 64 * 1024;
/** Compression may add a little to what does not compress. */
const growthMax = 1.01;
const growthBytesMax = 4_096;

/** How large an archive can become when it is compressed. */
export const packedBytesMax = ({ narSize }: Pick<ArchiveClaim, 'narSize'>): number =>
  Math.ceil(narSize * growthMax) + growthBytesMax;

/**
 * Has the cache hold the archive of a path, which is written once and under the hash of what is in it. What is there
 * already, by whomever, is read and held against the hash: it is described as it is, and replaced if it is wrong.
 * @throws Fault
 */
export async function storeArchive(
  cache: BinaryCache,
  info: PathInfo,
  archive: () => Chunks,
): Promise<StoredArchive> {
  const url = archiveKey(info, cache.settings.nar.compression);
  const isLong = info.narSize > sentAnywayBytesMax;
  if (isLong && (await cache.objects.head(url)) !== null) return settle(cache, url, info, archive);
  const written = await writeArchive(cache, url, info, archive());
  return written ?? (await settle(cache, url, info, archive));
}

/** Where the archive of a path belongs. */
export function archiveKey(
  { narHash }: Pick<ArchiveClaim, 'narHash'>,
  compression: Compression,
): string {
  return narKey(printHash(narHash, 'nix32'), compression);
}

/** What an archive really is that a cache holds. */
export type ReadArchive = StoredArchive & NarMeasure;

/**
 * Reads an archive that the cache holds, and tells what it really is; null if it is not that of this path.
 * @throws Fault if it cannot be read
 */
export async function examineArchive(
  cache: Pick<BinaryCache, 'objects' | 'settings'>,
  place: Pick<Narinfo, 'url' | 'compression'>,
  { narHash, narSize }: ArchiveClaim,
): Promise<StoredArchive | null> {
  const found = await readArchive(cache, place);
  return found !== null && equalHashes(found.hash, narHash) && found.size === narSize
    ? found
    : null;
}

/**
 * The same, whatever it is that it should be; null for what is no archive at all, or not there.
 * @param options `watch` sees what passes by
 */
export async function readArchive(
  { objects, settings }: Pick<BinaryCache, 'objects' | 'settings'>,
  { url, compression }: Pick<Narinfo, 'url' | 'compression'>,
  { signal, watch }: { signal?: AbortSignal; watch?: (chunk: Uint8Array) => void } = {},
): Promise<ReadArchive | null> {
  if (!canDecompress(compression))
    throw new Fault('child-failed', `there is no ${compression} on the PATH to read ${url} with`, {
      remedy: `Install ${compression}.`,
    });
  const object = await objects.get(url, signal);
  if (object === null) return null;
  const file = new NarMeter();
  const archive = new NarMeter();
  const lister = wantsListing(settings) ? new NarLister() : null;
  try {
    for await (const chunk of decompress(file.measure(object.body), compression)) {
      archive.update(chunk);
      lister?.update(chunk);
      watch?.(chunk);
    }
    const { hash: fileHash, size: fileSize } = file.finish();
    const listing = lister?.finish() ?? null;
    return { url, compression, fileHash, fileSize, ...archive.finish(), listing };
  } catch (error) {
    // What breaks off on the way says nothing about the object; whatever else stops us is in its bytes.
    if (mayPass(error) || signal?.aborted === true) throw error;
    return null;
  }
}

/** Null if somebody else was faster. */
async function writeArchive(
  { objects, settings }: BinaryCache,
  url: string,
  info: PathInfo,
  archive: Chunks,
): Promise<StoredArchive | null> {
  const file = new NarMeter();
  const check = new ArchiveCheck(info, { lists: wantsListing(settings) });
  const packed = compress(check.watch(archive), {
    ...settings.nar,
    sizeInBytes: info.narSize,
    parallel: settings.parallelCompression,
  });
  const measured = file.measure(packed);
  const options = { contentType: 'application/x-nix-nar', ifAbsent: true };
  const sizeInBytesMax = packedBytesMax(info);
  const outcome =
    info.narSize <= smallBytesMax
      ? await objects.put(url, await gatherInTurn(measured), options)
      : await objects.putStream(url, measured, { ...options, sizeInBytesMax });
  if (outcome === 'exists') return null;
  const { hash: fileHash, size: fileSize } = file.finish();
  const there = await objects.head(url);
  if (there?.sizeInBytes !== fileSize)
    throw new Fault(
      'cache-unavailable',
      `${url} was put into ${objects.name} with ${fileSize} bytes, and there are ${there?.sizeInBytes ?? 'none'}`,
    );
  return { ...placeOf({ settings }, url), fileHash, fileSize, listing: check.listing };
}

/** Somebody's archive is there under that name: theirs counts, or gives way if it is wrong. No narinfo may lead to it yet. */
async function settle(
  cache: BinaryCache,
  url: string,
  info: PathInfo,
  archive: () => Chunks,
): Promise<StoredArchive> {
  await cache.sweeps.spare([url]);
  const found = await examineArchive(cache, placeOf(cache, url), info);
  if (found !== null) return found;
  await cache.objects.delete(url);
  const written = await writeArchive(cache, url, info, archive());
  if (written !== null) return written;
  throw new Fault(
    'cache-unavailable',
    `somebody else is writing ${url} into ${cache.objects.name}`,
  );
}

const placeOf = ({ settings }: Pick<BinaryCache, 'settings'>, url: string) => ({
  url,
  compression: settings.nar.compression,
});

const wantsListing = ({ writesListings, indexesDebugInfo }: BinaryCache['settings']): boolean =>
  writesListings || indexesDebugInfo;
