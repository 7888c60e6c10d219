import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isSignedBy, fingerprint, parsePublicKey, storePathDigest } from '@iolaus/nix';
import { parseCacheAddress } from '../address/parse-address.ts';
import { openBinaryCache, prepareCache } from '../binary-cache.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { narinfoKey, readNarinfo } from '../narinfos/narinfo-object.ts';
import { readObject } from '../read-object.ts';
import { buildStore } from '../testing/built-store.ts';
import type { BuiltStore } from '../testing/built-store.ts';
import { serveObjects } from '../testing/serve-objects.ts';
import type { Sweeps } from '../sweeps.ts';
import { openTestS3 } from '../testing/test-s3.ts';
import type { TestS3 } from '../testing/test-s3.ts';
import { verifyCache } from '../testing/verify-cache.ts';
import { fromStoreFolder, Publisher } from './publisher.ts';

let store: BuiltStore;
before(async () => void (store = await buildStore()));
after(() => store[Symbol.asyncDispose]());

const retries = { triesMax: 3, firstMilliseconds: 1, longestMilliseconds: 2 };

async function openCache(
  place: string,
  parameters = 'compression=zstd',
  options: Parameters<typeof openBinaryCache>[1] = {},
): Promise<BinaryCache> {
  const address = `${place}${place.includes('?') ? '&' : '?'}store=${store.daemon.address.storeDirectory}&${parameters}`;
  const cache = openBinaryCache(parseCacheAddress(address), {
    retries,
    ...options,
  });
  await prepareCache(cache);
  return cache;
}

const openIn = ({ address, environment, silentMilliseconds }: TestS3) =>
  openCache(address, 'compression=zstd', { environment, silentMilliseconds });

const publish = (cache: BinaryCache): Promise<number> =>
  new Publisher(cache).publish(store.closure, fromStoreFolder(store.daemon.address.storeDirectory));

for (const compression of ['none', 'xz', 'bzip2', 'br', 'zstd'])
  test(`Nix fetches what is published with ${compression}, and wants signatures`, async () => {
    const folder = join(store.folder, compression);
    const signing = `secret-keys=${store.keyFiles.join(',')}`;
    using cache = await openCache(
      folder,
      `compression=${compression}&compression-level=1&${signing}`,
    );
    assert.equal(await publish(cache), store.closure.length);
    const program = compression === 'zstd' ? 'copy' : 'realise';
    const [first = '', second = ''] = store.publicKeys;
    const said = await store.fetchWithNix(
      program,
      `file://${folder}`,
      compression === 'xz' ? first : second,
    );
    assert.match(said, /noise/);
  });

for (const compression of ['none', 'zstd'])
  test(`Nix fetches what is published to an HTTP server with ${compression}`, async () => {
    await using server = await serveObjects();
    const parameters = `compression=${compression}&secret-key=${store.keyFiles[0] ?? ''}`;
    using cache = await openCache(server.endpoint, parameters);
    await publish(cache);
    const said = await store.fetchWithNix('realise', server.endpoint, store.publicKeys[0] ?? '');
    assert.match(said, /noise/);
  });

test('what nobody signed Nix does not fetch', async () => {
  const folder = join(store.folder, 'unsigned');
  using cache = await openCache(folder);
  await publish(cache);
  await assert.rejects(
    store.fetchWithNix('copy', `file://${folder}`, store.publicKeys[0] ?? ''),
    /signature/,
  );
});

test('a narinfo is signed by every key, whatever newlines end their files', async () => {
  using cache = await openCache(
    join(store.folder, 'signed'),
    `secret-keys=${store.keyFiles.join(',')}`,
  );
  await publish(cache);
  const narinfo = await readNarinfo(cache, narinfoKey(store.path));
  assert.ok(narinfo !== null);
  const text = fingerprint(cache.settings.storeDirectory, narinfo);
  for (const key of store.publicKeys.map(parsePublicKey))
    assert.ok(
      narinfo.signatures.some((signature) => isSignedBy([key], text, signature)),
      key.name,
    );
});

test('listings and debug links say what is in the archive', async () => {
  using cache = await openCache(
    join(store.folder, 'described'),
    'compression=none&write-nar-listing=1&index-debug-info=1&ls-compression=br',
  );
  await publish(cache);
  const listing = await readFile(
    join(store.folder, 'described', `${storePathDigest(store.path)}.ls`),
  );
  assert.ok(!listing.toString('latin1').includes('symlink'), 'compressed');
  const link = await readObject(cache.objects, 'debuginfo/abcdef012345');
  assert.match(
    String(link),
    /"archive":"..\/nar\/.*","member":"lib\/debug\/.build-id\/ab\/cdef012345.debug"/,
  );
});

test('what is there is not sent again, and archives are written once', async () => {
  await using s3 = await openTestS3();
  using one = await openIn(s3);
  using other = await openIn(s3);
  await Promise.all([publish(one), publish(other), publish(one)]);
  assert.equal(await publish(one), 0);
  for (const [key, writes] of s3.writes) assert.equal(writes, 1, key);
  assert.equal(await s3.openUploads(), 0);
});

test('an archive that is not what the store says is neither sent nor signed', async () => {
  await using s3 = await openTestS3();
  using cache = await openIn(s3);
  const [info] = store.closure;
  assert.ok(info !== undefined);
  const damaged = { ...info, narSize: info.narSize + 1 };
  const source = fromStoreFolder(store.daemon.address.storeDirectory);
  await assert.rejects(new Publisher(cache).publish([damaged], source), { code: 'untrue-archive' });
  assert.deepEqual(await s3.keys(), ['nix-cache-info']);
  assert.equal(await s3.openUploads(), 0);
});

test('a path is not published before all that it refers to', async () => {
  await using s3 = await openTestS3();
  using cache = await openIn(s3);
  const info = store.closure.at(-1);
  assert.ok(info !== undefined && info.references.length > 0);
  const source = fromStoreFolder(store.daemon.address.storeDirectory);
  await assert.rejects(new Publisher(cache).publish([info], source), /needs .*library/);
  assert.ok(!(await s3.keys()).includes(narinfoKey(info.path)));
});

test("another's archive under the same name is believed only if it is what it should be", async () => {
  await using s3 = await openTestS3();
  using cache = await openIn(s3);
  await publish(cache);
  const keys = await s3.keys();
  const key = keys.find((name) => name.startsWith('nar/')) ?? '';
  const good = await cache.objects.head(key);
  await cache.objects.put(key, Buffer.from('planted'), { contentType: 'text/plain' });
  for (const name of keys) if (name.endsWith('.narinfo')) await cache.objects.delete(name);
  using later = await openIn(s3);
  await publish(later);
  assert.deepEqual(await later.objects.head(key), good);
});

test('an archive to which nothing leads any more is spared, or put once more where it was swept meanwhile', async () => {
  await using s3 = await openTestS3();
  using cache = await openIn(s3);
  await publish(cache);
  for (const name of await s3.keys())
    if (name.endsWith('.narinfo')) await cache.objects.delete(name);
  const spared: string[] = [];
  const sweeps: Sweeps = {
    settled: async () => spared.length,
    // When it was asked for a portion was under way that had taken it.
    spare: async (keys) => {
      for (const key of keys) await cache.objects.delete(key);
      spared.push(...keys);
    },
  };
  const { address, environment } = s3;
  using later = await openCache(address, 'compression=zstd', { environment, sweeps });
  await publish(later);
  await verifyCache(later);
  const archives = (await s3.keys()).filter((name) => name.startsWith('nar/'));
  assert.deepEqual(spared.sort(), archives);
});

test('a cache that cannot be asked has not said that it has something', async () => {
  await using s3 = await openTestS3();
  using cache = await openIn(s3);
  s3.inject(({ method }) => (method === 'HEAD' ? 'internal-error' : null));
  await assert.rejects(publish(cache), { code: 'cache-unavailable' });
  const paths = store.closure.map(({ path }) => path);
  await assert.rejects(cache.presence.findMissing(paths), { code: 'cache-unavailable' });
  s3.inject(() => null);
  assert.deepEqual(await cache.presence.findMissing(paths), paths);
});
