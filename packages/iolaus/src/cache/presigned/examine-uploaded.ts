import { equalHashes } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';
import type { ArchiveClaim } from '../publish/check-archive.ts';
import { readArchive } from '../publish/store-archive.ts';
import type { StoredArchive } from '../publish/store-archive.ts';
import type { ContentCheck } from './content-check.ts';

/**
 * Reads back what somebody says to have put there. What is not what its name says is deleted: nobody else could put the
 * right archive as long as it lies there.
 * @throws Fault `untrue-archive` where the claim does not hold
 */
export async function examineUploaded(
  cache: BinaryCache,
  place: Pick<StoredArchive, 'url' | 'compression'>,
  { path, narHash, narSize }: ArchiveClaim,
  { check, signal }: { readonly check: ContentCheck; readonly signal: AbortSignal },
): Promise<StoredArchive> {
  const { url } = place;
  const watch = (chunk: Uint8Array): void => check.update(chunk);
  const found = await readArchive(cache, place, { signal, watch });
  if (found === null || !equalHashes(found.hash, narHash)) {
    await cache.objects.delete(url);
    throw new Fault('untrue-archive', `what was put at ${url} is not the archive of ${path}`);
  }
  const flaw = check.flaw();
  if (flaw !== null) throw new Fault('untrue-archive', `${path}: ${flaw}`);
  if (found.size === narSize) return found;
  throw new Fault(
    'untrue-archive',
    `the archive of ${path} has ${found.size} bytes, not ${narSize}`,
  );
}

/**
 * The same without reading it, for who trusts those who put it there: only whether something of that size is there.
 * @throws Fault `untrue-archive`
 */
export async function believeUploaded(
  { objects }: BinaryCache,
  claim: Omit<StoredArchive, 'listing'>,
  signal: AbortSignal,
): Promise<StoredArchive> {
  const { url, fileSize } = claim;
  const facts = await objects.head(url, signal);
  if (facts?.sizeInBytes === fileSize) return { ...claim, listing: null };
  throw new Fault(
    'untrue-archive',
    `${url} has ${facts?.sizeInBytes ?? 'no'} bytes, not the ${fileSize} that were put`,
  );
}
