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
import { fakeEnvironment } from '../testing/fake-credentials.ts';
import { startFakeS3 } from '../testing/fake-s3.ts';
import type { FakeS3 } from '../testing/fake-s3.ts';
import { s3rverEnvironment, startS3rver } from '../testing/start-s3rver.ts';
import { copyPaths } from './copy-paths.ts';
import { verifyNarinfo } from './verify-narinfo.ts';
import { walkNarinfos } from './walk-narinfos.ts';

let store: BuiltStore;
before(async () => void (store = await buildStore()));
after(() => store[Symbol.asyncDispose]());

const retries = { triesMax: 3, firstMilliseconds: 1, longestMilliseconds: 2 };
const describing = 'compression=zstd&write-nar-listing=1&index-debug-info=1';

async function openCache(
  place: string,
  { parameters = describing, key = 0, environment = fakeEnvironment } = {},
): Promise<BinaryCache> {
  const { storeDirectory } = store.daemon.address;
  const address = `${place}${place.includes('?') ? '&' : '?'}store=${storeDirectory}&secret-key=${store.keyFiles[key]}&${parameters}`;
  const cache = openBinaryCache(parseCacheAddress(address), { retries, environment });
  await prepareCache(cache);
  return cache;
}

const bucket = (name: string, { endpoint }: { readonly endpoint: string }): string =>
  `s3://${name}?endpoint=${endpoint}&buffer-size=5242880`;

async function publish(cache: BinaryCache): Promise<void> {
  const source = fromStoreFolder(store.daemon.address.storeDirectory);
  await new Publisher(cache).publish(store.closure, source);
}

const copy = (from: BinaryCache, to: BinaryCache): Promise<void> =>
  copyPaths(from, new Publisher(to), [store.path]);

/** All of it is there, read, and signed by whoever should. */
async function assertWhole(cache: BinaryCache): Promise<void> {
  let count = 0;
  cache.presence.forgetAll();
  await walkNarinfos(cache, async (key) => {
    count += 1;
    for (const one of store.publicKeys) {
      const options = { trusted: [parsePublicKey(one)], readsArchives: true };
      assert.deepEqual(await verifyNarinfo(cache, key, options), []);
    }
  });
  assert.equal(count, store.closure.length);
}

const archivesRead = ({ requests }: FakeS3): number =>
  requests.filter(({ method, key }) => method === 'GET' && key.startsWith('nar/')).length;

async function openPair(fake: FakeS3, parameters = describing) {
  const source = await openCache(bucket('overflow', fake));
  await publish(source);
  return { source, target: await openCache(bucket('cache', fake), { parameters, key: 1 }) };
}

test('between buckets of one server archives are copied by the server, with all that readers need', async () => {
  await using fake = await startFakeS3();
  const { source, target } = await openPair(fake);
  await copy(source, target);
  assert.equal(archivesRead(fake), 0);
  const described = (keys: Iterable<string>): string[] =>
    [...keys].filter((key) => /\.ls$|^debuginfo\//.test(key)).sort();
  assert.deepEqual(described(fake.bucket.objects.keys()), described(fake.overflow.objects.keys()));
  await assertWhole(target);
});

test("a server of somebody else's copies, too", async () => {
  await using server = await startS3rver();
  const environment = s3rverEnvironment;
  const source = await openCache(bucket('overflow', server), { environment });
  await publish(source);
  const target = await openCache(bucket('cache', server), { environment, key: 1 });
  await copy(source, target);
  await assertWhole(target);
});

test('what the server does not copy is read, hashed and published', async () => {
  await using fake = await startFakeS3();
  const { source, target } = await openPair(fake);
  fake.bucket.copies = false;
  await copy(source, target);
  assert.equal(archivesRead(fake), store.closure.length);
  await assertWhole(target);
});

test('between places of different kinds it is published in the way of the other one', async () => {
  const source = await openCache(join(store.folder, 'folder'), { parameters: 'compression=none' });
  await publish(source);
  await using fake = await startFakeS3();
  const target = await openCache(bucket('cache', fake), { key: 1 });
  await copy(source, target);
  await assertWhole(target);
});

test('an archive of somebody else that is wrong gives way; what is there is not copied again', async () => {
  await using fake = await startFakeS3();
  const { source, target } = await openPair(fake);
  const key = fake.overflow.objects.keys().find((name) => name.startsWith('nar/')) ?? '';
  fake.bucket.objects.set(key, { bytes: Buffer.from('nonsense'), headers: {} });
  await assert.rejects(copy(source, target), { code: 'cache-unavailable' });
  await copy(source, target);
  await assertWhole(target);
  const before = fake.requests.length;
  await copy(source, target);
  assert.equal(fake.requests.length, before);
});

test('what no key of the other cache has signed is not taken over', async () => {
  await using fake = await startFakeS3();
  const { target } = await openPair(fake);
  const stranger = await openCache(bucket('overflow', fake), { key: 1 });
  await assert.rejects(copy(stranger, target), /nobody here vouches/);
  assert.deepEqual([...fake.bucket.objects.keys()], ['nix-cache-info']);
});
