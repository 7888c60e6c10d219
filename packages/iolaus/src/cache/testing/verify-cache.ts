import assert from 'node:assert/strict';
import type { PublicKey } from '@iolaus/nix';
import type { BinaryCache } from '../binary-cache.ts';
import { verifyNarinfo } from '../upkeep/verify-narinfo.ts';
import { walkNarinfos } from '../upkeep/walk-narinfos.ts';

/**
 * All that a cache shows at this moment is true, as `iolaus cache verify` sees it.
 * @param trusted empty: signatures are not looked at
 * @returns how many paths these are
 */
export async function verifyCache(
  cache: BinaryCache,
  trusted: readonly PublicKey[] = [],
): Promise<number> {
  let count = 0;
  await walkNarinfos(cache, async (key) => {
    count += 1;
    assert.deepEqual(await verifyNarinfo(cache, key, { trusted, readsArchives: true }), []);
  });
  return count;
}
