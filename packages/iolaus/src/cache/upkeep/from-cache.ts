import type { Narinfo, PathInfo, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { decompress } from '../compression/decompress.ts';
import type { Chunks } from '../compression/through.ts';

/** Archives as a cache holds them, uncompressed. Their hashes are for the reader to check. */
export const fromCache =
  (cache: BinaryCache, closure: ReadonlyMap<StorePath, Narinfo>) =>
  ({ path }: Pick<PathInfo, 'path'>): AsyncIterable<Uint8Array> =>
    readArchive(cache, path, closure.get(path));

async function* readArchive(
  { objects }: BinaryCache,
  path: StorePath,
  narinfo: Narinfo | undefined,
): AsyncGenerator<Uint8Array> {
  const object = narinfo === undefined ? null : await objects.get(narinfo.url);
  if (narinfo === undefined || object === null)
    throw new Fault('cache-damaged', `${objects.name} lacks the archive of ${path}`, {
      remedy: 'What else is wrong there, `iolaus cache verify` tells.',
    });
  const chunks: Chunks = object.body;
  yield* decompress(chunks, narinfo.compression);
}
