import { equalHashes } from '@iolaus/nix';
import type { BinaryCache } from '../../../cache/binary-cache.ts';
import { narinfoKey, readNarinfo } from '../../../cache/narinfos/narinfo-object.ts';
import type { OfferedArchive } from '../../../protocol/direct-upload.ts';

/**
 * Of several outputs, those that an interrupted attempt has put into the cache would be mixed with what this attempt makes of
 * the others: they are removed, unless this attempt has made exactly the same.
 */
export async function dropLeftovers(
  cache: BinaryCache,
  outputs: readonly OfferedArchive[],
): Promise<void> {
  const { objects, presence } = cache;
  const missing = new Set(await presence.findMissing(outputs.map(({ path }) => path)));
  if (missing.size === 0) return;
  for (const { path, narHash } of outputs) {
    if (missing.has(path)) continue;
    const narinfo = await readNarinfo(cache, narinfoKey(path));
    if (narinfo !== null && equalHashes(narinfo.narHash, narHash)) continue;
    await objects.delete(narinfoKey(path));
    presence.forget(path);
  }
}
