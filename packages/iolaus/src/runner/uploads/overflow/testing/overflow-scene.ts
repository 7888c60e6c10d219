import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { parseCacheAddress } from '../../../../cache/address/parse-address.ts';
import { openBinaryCache } from '../../../../cache/binary-cache.ts';
import { narinfoKey } from '../../../../cache/narinfos/narinfo-object.ts';
import { openTestS3 } from '../../../../cache/testing/test-s3.ts';
import { verifyCache } from '../../../../cache/testing/verify-cache.ts';
import type { TestBucket } from '../../../../cache/testing/test-s3.ts';
import { readUploads } from '../../../../database/uploads.ts';
import { openLiveFarm, until } from '../../../../testing/live-farm.ts';
import type { LiveFarm, QueuedScript } from '../../../../testing/live-farm.ts';

/** A farm with a bucket for everybody, and one for the jobsets `staging` and `next`. */
export async function openScene({ presigned = true } = {}) {
  const stack = new AsyncDisposableStack();
  const s3 = stack.use(await openTestS3());
  Object.assign(process.env, s3.environment);
  const overflow = await s3.openBucket();
  const farm = stack.use(await openLiveFarm());
  const parameters = `store=${farm.daemon.address.storeDirectory}&compression=zstd&write-nar-listing=1`;
  const addresses = {
    regular: `${s3.address}&${parameters}`,
    overflow: `${overflow.address}&${parameters}`,
  };
  const settings = {
    remoteStoreAddr: [addresses.regular],
    overflowStore: { store: addresses.overflow, jobsets: ['project:staging', 'project:next'] },
    usePresignedUploads: presigned,
  };
  const dispose = () => stack.disposeAsync();
  return { s3, overflow, farm, addresses, settings, [Symbol.asyncDispose]: dispose };
}

export type Scene = Awaited<ReturnType<typeof openScene>>;

export const lib = `lib = run "lib" "echo said; mkdir $out; echo of the lib > $out/file" {};`;

export async function build(farm: LiveFarm, set: string, jobset: string): Promise<QueuedScript> {
  const [queued] = Object.values(await farm.queueAll(set, jobset));
  assert.ok(queued !== undefined);
  assert.equal(await farm.statusOf(queued.build), 0);
  return queued;
}

export async function outputOf({ database }: LiveFarm, { build: id }: QueuedScript) {
  const [row] = await database.query<{ path: string }>(
    'select path from buildoutputs where build = $1',
    [id],
  );
  return parseBaseName(row?.path.split('/').at(-1) ?? '');
}

export async function has(bucket: TestBucket, path: StorePath): Promise<boolean> {
  const keys = await bucket.keys();
  const narinfo = narinfoKey(path);
  return keys.includes(narinfo) && keys.includes(narinfo.replace(/narinfo$/, 'ls'));
}

export const published = (farm: LiveFarm) =>
  until(async () => (await readUploads(farm.database, 'all')).length === 0);

/** Where a runner may hold what was built. */
export const rootsIn = ({ folder }: LiveFarm): string => join(folder, 'roots');

/** Has it built by a builder that is gone then, and with it what it held in the runner's store: only a cache has it. */
export async function buildElsewhere(
  farm: LiveFarm,
  endpoint: string,
  jobset: string,
): Promise<StorePath> {
  const builder = await farm.startBuilder(endpoint, { apart: true, hostname: 'hector' });
  const path = await outputOf(farm, await build(farm, `{ ${lib} }`, jobset));
  await published(farm);
  await builder[Symbol.asyncDispose]();
  await until(async () => {
    await rm(rootsIn(farm), { recursive: true, force: true });
    await promisify(execFile)('nix-store', ['--gc'], { env: farm.daemon.environment });
    return !(await readdir(farm.daemon.address.storeDirectory)).includes(path);
  });
  return path;
}

export async function assertAllTrue({ addresses }: Scene): Promise<void> {
  for (const address of Object.values(addresses)) {
    using cache = openBinaryCache(parseCacheAddress(address));
    await verifyCache(cache);
  }
}
