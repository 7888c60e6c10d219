import type { BinaryCache } from '../../../cache/binary-cache.ts';
import { narinfoKey } from '../../../cache/narinfos/narinfo-object.ts';
import type { OfferedArchive } from '../../../protocol/direct-upload.ts';

/** Has the cache keep what it has of these outputs: where only the build could tell their paths, the database does not know of them yet. */
export async function spareThere(
  { presence, sweeps }: Pick<BinaryCache, 'presence' | 'sweeps'>,
  outputs: readonly OfferedArchive[],
): Promise<void> {
  const paths = outputs.map(({ path }) => path);
  const missing = new Set(await presence.findMissing(paths));
  const there = paths.filter((path) => !missing.has(path));
  if (there.length > 0) await sweeps.spare(there.map(narinfoKey));
}
