import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parsePublicKey } from '@iolaus/nix';
import { parseCacheAddress } from '../address/parse-address.ts';
import { openBinaryCache, prepareCache } from '../binary-cache.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { fromStoreFolder, Publisher } from '../publish/publisher.ts';
import { buildStore } from '../testing/built-store.ts';
import type { BuiltStore } from '../testing/built-store.ts';
import { openS3rver, openTestS3 } from '../testing/test-s3.ts';
import type { TestBucket, TestS3 } from '../testing/test-s3.ts';
import { verifyCache } from '../testing/verify-cache.ts';
import { copyPaths } from './copy-paths.ts';

let store: BuiltStore;
before(async () => void (store = await buildStore()));
after(() => store[Symbol.asyncDispose]());

const retries = { triesMax: 3, firstMilliseconds: 1, longestMilliseconds: 2 };
const describing = 'compression=zstd&write-nar-listing=1&index-debug-info=1';

async function openCache(
  place: string,
  { parameters = describing, key = 0, environment = process.env } = {},
): Promise<BinaryCache> {
  const { storeDirectory } = store.daemon.address;
  const address = `${place}${place.includes('?') ? '&' : '?'}store=${storeDirectory}&secret-key=${store.keyFiles[key]}&${parameters}`;
  const cache = openBinaryCache(parseCacheAddress(address), { retries, environment });
  await prepareCache(cache);
  return cache;
}

async function publish(cache: BinaryCache): Promise<void> {
  const source = fromStoreFolder(store.daemon.address.storeDirectory);
  await new Publisher(cache).publish(store.closure, source);
}

const copy = (from: BinaryCache, to: BinaryCache): Promise<void> =>
  copyPaths(from, new Publisher(to), [store.path]);

/** All of it is there, read, and signed by whoever should. */
async function assertWhole(cache: BinaryCache): Promise<void> {
  for (const one of store.publicKeys) {
    cache.presence.forgetAll();
    assert.equal(await verifyCache(cache, [parsePublicKey(one)]), store.closure.length);
  }
}

const archivesRead = ({ requests }: TestS3): number =>
  requests.filter(({ method, key }) => method === 'GET' && key.startsWith('nar/')).length;

/** Two caches on one server, with what is published in the first of them. */
async function openPair(s3: TestS3) {
  const { environment } = s3;
  const bucket = await s3.openBucket();
  const source = await openCache(bucket.address, { environment });
  await publish(source);
  return { bucket, source, target: await openCache(s3.address, { environment, key: 1 }) };
}

const keysOf = async (bucket: TestBucket, pattern: RegExp): Promise<string[]> =>
  (await bucket.keys()).filter((key) => pattern.test(key)).sort();

test('between buckets of one server archives are copied by the server, with all that readers need', async () => {
  await using s3 = await openTestS3();
  const { bucket, source, target } = await openPair(s3);
  await copy(source, target);
  assert.equal(archivesRead(s3), 0);
  const descriptions = /\.ls$|^debuginfo\//;
  assert.deepEqual(await keysOf(s3, descriptions), await keysOf(bucket, descriptions));
  await assertWhole(target);
});

test("a server of somebody else's copies, too", async () => {
  await using s3 = await openS3rver();
  const { source, target } = await openPair(s3);
  await copy(source, target);
  await assertWhole(target);
});

test('what the server does not copy is read, hashed and published', async () => {
  await using s3 = await openTestS3();
  const { source, target } = await openPair(s3);
  s3.inject(({ headers }) => ('x-amz-copy-source' in headers ? 'not-implemented' : null));
  await copy(source, target);
  assert.equal(archivesRead(s3), store.closure.length);
  await assertWhole(target);
});

test('between places of different kinds it is published in the way of the other one', async () => {
  const source = await openCache(join(store.folder, 'folder'), { parameters: 'compression=none' });
  await publish(source);
  await using s3 = await openTestS3();
  const target = await openCache(s3.address, { environment: s3.environment, key: 1 });
  await copy(source, target);
  await assertWhole(target);
});

test('an archive of somebody else that is wrong gives way; what is there is not copied again', async () => {
  await using s3 = await openTestS3();
  const { bucket, source, target } = await openPair(s3);
  const [key = ''] = await keysOf(bucket, /^nar\//);
  await s3.objects.put(key, Buffer.from('nonsense'), { contentType: 'text/plain' });
  await assert.rejects(copy(source, target), { code: 'cache-unavailable' });
  await copy(source, target);
  await assertWhole(target);
  const before = s3.requests.length;
  await copy(source, target);
  assert.equal(s3.requests.length, before);
});

test('what no key of the other cache has signed is not taken over', async () => {
  await using s3 = await openTestS3();
  const { bucket, target } = await openPair(s3);
  const stranger = await openCache(bucket.address, { environment: s3.environment, key: 1 });
  await assert.rejects(copy(stranger, target), /nobody here vouches/);
  assert.deepEqual(await s3.keys(), ['nix-cache-info']);
});
