import { fingerprint, isSignedBy } from '@iolaus/nix';
import type { Narinfo, PublicKey } from '@iolaus/nix';
import type { BinaryCache } from '../binary-cache.ts';
import { readNarinfo, writeNarinfo } from '../narinfos/narinfo-object.ts';
import { signNarinfo } from '../narinfos/sign-narinfo.ts';

/**
 * Signs a narinfo with the keys of the cache, if one that is trusted has signed it: nobody vouches for what he has not
 * seen.
 * @param dropped signatures of keys with these names go
 */
export async function signAnew(
  cache: BinaryCache,
  key: string,
  {
    trusted,
    dropped,
  }: { readonly trusted: readonly PublicKey[]; readonly dropped: ReadonlySet<string> },
): Promise<'signed' | 'unchanged' | 'untrusted'> {
  const narinfo = await readNarinfo(cache, key);
  if (narinfo === null) return 'unchanged';
  const { storeDirectory } = cache.settings;
  const text = fingerprint(storeDirectory, narinfo);
  if (!narinfo.signatures.some((signature) => isSignedBy(trusted, text, signature)))
    return 'untrusted';
  const kept = narinfo.signatures.filter(
    (signature) => !dropped.has(signature.split(':')[0] ?? ''),
  );
  const signed = signNarinfo(storeDirectory, { ...narinfo, signatures: kept }, cache.keys);
  if (sameSignatures(signed, narinfo)) return 'unchanged';
  await writeNarinfo(cache, signed, { ifAbsent: false });
  return 'signed';
}

const sameSignatures = (one: Narinfo, other: Narinfo): boolean =>
  one.signatures.toSorted().join('\n') === other.signatures.toSorted().join('\n');
