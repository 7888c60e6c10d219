import { fingerprint, isSignedBy, publicKeyOf } from '@iolaus/nix';
import type { Narinfo } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';

/** Where a cache has keys, one of them must have signed what is taken from it. @throws Fault `cache-refused` */
export function assertSigned(
  { keys, settings, objects }: Pick<BinaryCache, 'keys' | 'settings' | 'objects'>,
  narinfo: Narinfo,
): void {
  if (keys.length === 0) return;
  const text = fingerprint(settings.storeDirectory, narinfo);
  const known = keys.map(publicKeyOf);
  if (narinfo.signatures.some((signature) => isSignedBy(known, text, signature))) return;
  throw new Fault('cache-refused', `nobody here vouches for ${narinfo.path} of ${objects.name}`, {
    remedy: 'Sign it with `iolaus cache sign`, if you know where it is from.',
  });
}
