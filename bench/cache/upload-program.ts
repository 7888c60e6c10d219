import { join } from 'node:path';
import { hashPath, parseBaseName } from '@iolaus/nix';
import type { PathInfo } from '@iolaus/nix';
import { parseCacheAddress } from '../../packages/iolaus/src/cache/address/parse-address.ts';
import { openBinaryCache, prepareCache } from '../../packages/iolaus/src/cache/binary-cache.ts';
import { fromStoreFolder, Publisher } from '../../packages/iolaus/src/cache/publish/publisher.ts';

export type UploadOrder = {
  readonly address: string;
  readonly folder: string;
  readonly names: readonly string[];
};

export type UploadResult = { readonly seconds: number; readonly rssMb: number };

process.once('message', async (order: UploadOrder) => {
  process.send?.(await publish(order));
  process.disconnect();
});

async function publish({ address, folder, names }: UploadOrder): Promise<UploadResult> {
  const infos: PathInfo[] = [];
  for (const name of names) infos.push(await describe(folder, name));
  using cache = openBinaryCache(parseCacheAddress(address));
  await prepareCache(cache);
  const begun = performance.now();
  await new Publisher(cache).publish(infos, fromStoreFolder(folder));
  const seconds = (performance.now() - begun) / 1_000;
  return { seconds, rssMb: process.resourceUsage().maxRSS / 1_024 };
}

/** What the store of a builder would know of it. */
async function describe(folder: string, name: string): Promise<PathInfo> {
  const { hash, size } = await hashPath(join(folder, name));
  return {
    ...{ path: parseBaseName(name), deriver: null, narHash: hash, narSize: size, references: [] },
    ...{ registrationTime: 0, ultimate: true, signatures: [], contentAddress: null },
  };
}
