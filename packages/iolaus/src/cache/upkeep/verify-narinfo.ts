import { equalHashes, fingerprint, isSignedBy } from '@iolaus/nix';
import type { Narinfo, PublicKey } from '@iolaus/nix';
import type { BinaryCache } from '../binary-cache.ts';
import { retrying, usualRetries } from '../http/retries.ts';
import { narinfoKey, readSoundNarinfo } from '../narinfos/narinfo-object.ts';
import { examineArchive } from '../publish/store-archive.ts';

/** What is wrong with what a cache says of a path. */
export type Flaw = {
  readonly key: string;
  readonly type:
    | 'unreadable'
    | 'misnamed'
    | 'unsigned'
    | 'archive-missing'
    | 'archive-of-other-size'
    | 'archive-untrue'
    | 'reference-missing';
  readonly sentence: string;
};

export type VerifyOptions = {
  /** Empty: signatures are not looked at. */
  readonly trusted: readonly PublicKey[];
  /** Whether archives are read and hashed, or only looked for. */
  readonly readsArchives: boolean;
};

/** All that is wrong with one narinfo. @throws Fault if the cache cannot be asked */
export async function verifyNarinfo(
  cache: BinaryCache,
  key: string,
  options: VerifyOptions,
): Promise<Flaw[]> {
  const narinfo = await readSoundNarinfo(cache, key);
  const flaw = (type: Flaw['type'], sentence: string): Flaw[] => [{ key, type, sentence }];
  if (narinfo === null) return flaw('unreadable', 'it is no narinfo');
  cache.presence.note(narinfo.path);
  const misnamed =
    key === narinfoKey(narinfo.path) ? [] : flaw('misnamed', `it speaks of ${narinfo.path}`);
  const unsigned = isTrusted(cache, narinfo, options.trusted)
    ? []
    : flaw('unsigned', `no trusted key signed ${narinfo.path}`);
  const others = narinfo.references.filter((path) => path !== narinfo.path);
  const lacking = await cache.presence.findMissing(others);
  return [
    ...misnamed,
    ...unsigned,
    ...lacking.flatMap((path) =>
      flaw('reference-missing', `${narinfo.path} needs ${path}, which is not there`),
    ),
    ...(await verifyArchive(cache, narinfo, options)).flatMap(([type, sentence]) =>
      flaw(type, sentence),
    ),
  ];
}

function isTrusted(
  { settings }: BinaryCache,
  narinfo: Narinfo,
  trusted: readonly PublicKey[],
): boolean {
  if (trusted.length === 0) return true;
  const text = fingerprint(settings.storeDirectory, narinfo);
  return narinfo.signatures.some((signature) => isSignedBy(trusted, text, signature));
}

async function verifyArchive(
  cache: BinaryCache,
  narinfo: Narinfo,
  { readsArchives }: VerifyOptions,
): Promise<(readonly [Flaw['type'], string])[]> {
  const { path, url, fileSize, fileHash } = narinfo;
  const facts = await cache.objects.head(url);
  if (facts === null) return [['archive-missing', `${url} of ${path} is not there`]];
  if (fileSize !== null && facts.sizeInBytes !== fileSize)
    return [
      [
        'archive-of-other-size',
        `${url} of ${path} has ${facts.sizeInBytes} bytes, not ${fileSize}`,
      ],
    ];
  if (!readsArchives) return [];
  // One answer of many that breaks off should not end a walk of hours.
  const found = await retrying(usualRetries, () => examineArchive(cache, narinfo, narinfo));
  if (found === null) return [['archive-untrue', `${url} is not the archive of ${path}`]];
  if (fileHash !== null && !equalHashes(fileHash, found.fileHash))
    return [['archive-untrue', `${url} of ${path} is another file than the narinfo says`]];
  return [];
}
