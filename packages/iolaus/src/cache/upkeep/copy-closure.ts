import type { Narinfo, PathInfo, StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { BinaryCache } from '../binary-cache.ts';
import type { Chunks } from '../compression/through.ts';
import { decompress } from '../compression/decompress.ts';
import { narinfoKey, readNarinfo } from '../narinfos/narinfo-object.ts';

/** What a cache knows of paths and of all that they refer to, dependencies first. @throws Fault if one is not there */
export async function readClosure(
  cache: BinaryCache,
  paths: readonly StorePath[],
): Promise<ReadonlyMap<StorePath, Narinfo>> {
  const found = new Map<StorePath, Narinfo>();
  const seen = new Set<StorePath>();
  const visit = async (path: StorePath): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const narinfo = await readNarinfo(cache, narinfoKey(path));
    if (narinfo === null) throw new Fault('cache-refused', `${cache.objects.name} lacks ${path}`);
    for (const other of narinfo.references) await visit(other);
    found.set(path, narinfo);
  };
  for (const path of paths) await visit(path);
  return found;
}

/** The same as a store would tell. */
export const toPathInfo = (narinfo: Narinfo): PathInfo => ({
  ...narinfo,
  registrationTime: 0,
  ultimate: false,
});

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
    throw new Fault('cache-damaged', `${objects.name} lacks the archive of ${path}`);
  const chunks: Chunks = object.body;
  yield* decompress(chunks, narinfo.compression);
}
