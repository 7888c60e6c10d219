import { DaemonConnection } from '@iolaus/nix';
import type { DaemonAddress, StorePath } from '@iolaus/nix';
import type { BinaryCache } from '../../cache/binary-cache.ts';
import { assertSigned } from '../../cache/narinfos/assert-signed.ts';
import { fromCache } from '../../cache/upkeep/from-cache.ts';
import { readClosure, toPathInfo } from '../../cache/upkeep/read-closure.ts';

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
