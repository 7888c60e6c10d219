import { DaemonConnection, fingerprint, isSignedBy, publicKeyOf } from '@iolaus/nix';
import type { DaemonAddress, Narinfo, StorePath } from '@iolaus/nix';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import { fromCache } from '../../cache/upkeep/from-cache.ts';
import { readClosure, toPathInfo } from '../../cache/upkeep/read-closure.ts';
import { Fault } from '../../fault/fault.ts';

/**
 * Brings a path and all that it refers to from a cache into the daemon's store. Where the cache has keys, one of them
 * must have signed all that comes. @throws Fault, DaemonError
 */
export async function fetchClosure(
  cache: BinaryCache,
  path: StorePath,
  daemon: DaemonAddress,
): Promise<void> {
  const closure = await readClosure(cache, [path]);
  await using connection = await DaemonConnection.connect(daemon);
  await connection.addTempRoots([...closure.keys()]);
  const valid = await connection.queryValidPaths([...closure.keys()]);
  const archives = fromCache(cache, closure);
  for (const narinfo of closure.values()) {
    if (valid.has(narinfo.path)) continue;
    assertSigned(cache, narinfo);
    const info = toPathInfo(narinfo);
    // The daemon compares the archive's hash itself.
    await connection.addToStoreNar(info, archives(info), { checkSignatures: false });
  }
}

function assertSigned({ keys, settings, objects }: BinaryCache, narinfo: Narinfo): void {
  if (keys.length === 0) return;
  const text = fingerprint(settings.storeDirectory, narinfo);
  const known = keys.map(publicKeyOf);
  if (narinfo.signatures.some((signature) => isSignedBy(known, text, signature))) return;
  throw new Fault('cache-refused', `nobody here vouches for ${narinfo.path} of ${objects.name}`, {
    remedy: 'Sign it with `iolaus cache sign`, if you know where it is from.',
  });
}
