import { NixFormatError, printListingFile, storePathDigest } from '@iolaus/nix';
import type { NarListing, Narinfo, PathInfo, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';
import type { Chunks } from '../compression/through.ts';
import { writeNarinfo } from '../narinfos/narinfo-object.ts';
import { signNarinfo } from '../narinfos/sign-narinfo.ts';
import { writeObject } from '../write-object.ts';
import { debugLinkKeys, findDebugLinks, printDebugLink } from './debug-links.ts';
import { storeArchive } from './store-archive.ts';
import type { StoredArchive } from './store-archive.ts';

/** The first half of publishing a path: all that readers may need once they know of it. @throws Fault */
export async function storeContents(
  cache: BinaryCache,
  info: PathInfo,
  archive: () => Chunks,
): Promise<Narinfo> {
  const stored = await storeArchive(cache, info, archive);
  if (stored.listing !== null) await describeContents(cache, info.path, stored, stored.listing);
  return describe(info, stored);
}

/** What a narinfo is to say of an archive that is there. */
export function describe(
  info: Omit<Narinfo, 'url' | 'compression' | 'fileHash' | 'fileSize'>,
  { url, compression, fileHash, fileSize }: StoredArchive,
): Narinfo {
  return { ...info, url, compression, fileHash, fileSize };
}

/**
 * The second half: the narinfo, signed, by which the path is there for everybody. @throws Fault `cache-refused` if
 * something that it refers to is not there: whoever fetched it would be stuck.
 */
export async function sealPath(cache: BinaryCache, narinfo: Narinfo): Promise<void> {
  const { path, references } = narinfo;
  const lacking = await cache.presence.findMissing(references.filter((other) => other !== path));
  if (lacking.length > 0)
    throw new Fault(
      'cache-refused',
      `${path} needs ${lacking.join(', ')}, which ${cache.objects.name} lacks`,
    );
  const signed = signNarinfo(cache.settings.storeDirectory, narinfo, cache.keys);
  await writeNarinfo(cache, signed, { ifAbsent: true });
  cache.presence.note(path);
}

/** What readers may want to know of a path besides its narinfo, as far as the cache is to have it. */
export async function describeContents(
  { objects, settings }: BinaryCache,
  path: StorePath,
  { url }: Pick<StoredArchive, 'url'>,
  listing: NarListing,
): Promise<void> {
  const contentType = 'application/json';
  const printed = settings.writesListings ? printListing(listing) : null;
  if (printed !== null)
    await writeObject(objects, `${storePathDigest(path)}.ls`, printed, {
      contentType,
      choice: settings.listing,
    });
  if (!settings.indexesDebugInfo) return;
  for (const link of findDebugLinks(listing))
    for (const key of debugLinkKeys(link))
      await objects.put(key, printDebugLink(url, link), { contentType, ifAbsent: true });
}

/** JSON cannot hold names that are not UTF-8; Nix leaves out such listings, too. */
export function printListing(listing: NarListing): Buffer | null {
  try {
    return printListingFile(listing);
  } catch (error) {
    if (error instanceof NixFormatError) return null;
    throw error;
  }
}
