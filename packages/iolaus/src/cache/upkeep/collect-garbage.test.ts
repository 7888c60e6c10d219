import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBaseName, printNix32 } from '@iolaus/nix';
import type { Narinfo, StorePath } from '@iolaus/nix';
import { parseCacheAddress } from '../address/parse-address.ts';
import { openBinaryCache } from '../binary-cache.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { narinfoKey, writeNarinfo } from '../narinfos/narinfo-object.ts';
import { fakeEnvironment } from '../testing/fake-credentials.ts';
import { startFakeS3 } from '../testing/fake-s3.ts';
import type { FakeS3 } from '../testing/fake-s3.ts';
import { findGarbage, sweepGarbage } from './collect-garbage.ts';

const retries = { triesMax: 2, firstMilliseconds: 1, longestMilliseconds: 2 };
const hash = { algorithm: 'sha256', digest: Buffer.alloc(32) } as const;
const plain = { contentType: 'text/plain' };

const pathOf = (name: string): StorePath =>
  parseBaseName(`${printNix32(Buffer.alloc(20, name))}-${name}`);

/** Long ago, but for what is young. */
const long = 1_000;
const before = 2_000;

async function openFake(): Promise<{ fake: FakeS3; cache: BinaryCache } & AsyncDisposable> {
  const fake = await startFakeS3();
  const address = parseCacheAddress(`s3://cache?endpoint=${fake.endpoint}`);
  const cache = openBinaryCache(address, { environment: fakeEnvironment, retries });
  return {
    ...{ fake, cache },
    [Symbol.asyncDispose]: async () => {
      cache[Symbol.dispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

/** A path whose archive has its name, with a listing and a debug link. */
async function add({ objects, settings }: BinaryCache, name: string, references: string[] = []) {
  const path = pathOf(name);
  const url = `nar/${name}.nar`;
  await objects.put(url, Buffer.from(name), plain);
  await objects.put(narinfoKey(path).replace('narinfo', 'ls'), Buffer.from('{}'), plain);
  const link = { archive: `../${url}`, member: 'some.debug' };
  await objects.put(`debuginfo/${name}`, Buffer.from(JSON.stringify(link)), plain);
  const narinfo: Narinfo = {
    ...{ path, url, compression: 'none', fileHash: null, fileSize: null, narHash: hash },
    ...{ narSize: 1, references: references.map(pathOf), deriver: null, signatures: [] },
    contentAddress: null,
  };
  await writeNarinfo({ objects, settings }, narinfo, { ifAbsent: false });
}

function age({ bucket }: FakeS3): void {
  for (const [key, object] of bucket.objects)
    bucket.objects.set(key, { ...object, modifiedAt: long });
}

/** Returns what puts its narinfo back. */
function takeAway({ bucket }: FakeS3, name: string): () => void {
  const key = narinfoKey(pathOf(name));
  const taken = bucket.objects.get(key);
  assert.ok(taken !== undefined);
  bucket.objects.delete(key);
  return () => void bucket.objects.set(key, { ...taken, modifiedAt: Date.now() });
}

const find = (cache: BinaryCache, roots: readonly string[]) =>
  findGarbage(cache, { roots: roots.map(pathOf), before, onProgress: () => {} });

const namesIn = ({ bucket }: FakeS3): string[] =>
  [...bucket.objects.keys()].flatMap((key) => /^nar\/(.*)\.nar$/.exec(key)?.[1] ?? []).sort();

test('what no root refers to goes with all that belongs to it, and nothing else', async () => {
  await using opened = await openFake();
  const { fake, cache } = opened;
  await add(cache, 'library');
  await add(cache, 'program', ['library', 'program']);
  await add(cache, 'orphan', ['library']);
  await cache.objects.put('log/orphan.drv', Buffer.from('said'), plain);
  age(fake);
  const garbage = await find(cache, ['program', 'unpublished']);
  assert.deepEqual(
    garbage.narinfos.map(({ key }) => key),
    [narinfoKey(pathOf('orphan'))],
  );
  assert.equal(garbage.kept, 2);
  assert.deepEqual(namesIn(fake), ['library', 'orphan', 'program']);
  await sweepGarbage(cache, garbage, () => {});
  assert.deepEqual(namesIn(fake), ['library', 'program']);
  assert.deepEqual(
    [...fake.bucket.objects.keys()].filter((key) => key.startsWith('debuginfo/')).sort(),
    ['debuginfo/library', 'debuginfo/program'],
  );
  assert.equal(fake.bucket.objects.size, 2 * 4 + 1, 'the log stays');
  assert.deepEqual((await find(cache, ['program'])).archives, []);
});

test('what is young, or comes while it is looked for, stays with all that it refers to', async () => {
  await using opened = await openFake();
  const { fake, cache } = opened;
  for (const name of ['old', 'needed', 'needed-later', 'root']) await add(cache, name);
  await add(cache, 'late', ['needed-later']);
  const late = takeAway(fake, 'late');
  age(fake);
  await add(cache, 'young', ['needed']);
  await cache.objects.put('nar/half-uploaded.nar', Buffer.from('x'), plain);
  let lists = 0;
  fake.inject(({ query }) => {
    if (query.has('list-type') && (lists += 1) === 2) late();
    return null;
  });
  const garbage = await find(cache, ['root']);
  assert.deepEqual(
    garbage.archives.map(({ key }) => key),
    ['nar/old.nar'],
  );
  assert.equal(garbage.narinfos.length, 1);
});

test('where anything cannot be read, nothing is known to be garbage', async () => {
  await using opened = await openFake();
  const { fake, cache } = opened;
  await add(cache, 'root', ['library']);
  await add(cache, 'library');
  age(fake);
  const library = narinfoKey(pathOf('library'));
  fake.inject(({ key }) => (key === library ? 'internal-error' : null));
  await assert.rejects(find(cache, ['root']), { code: 'cache-unavailable' });
  fake.inject(({ key, query }) => (key === '' && query.has('list-type') ? 'slow-down' : null));
  await assert.rejects(find(cache, ['root']), { code: 'cache-unavailable' });
  fake.inject(() => null);
  fake.bucket.objects.set(library, {
    bytes: Buffer.from('nonsense'),
    headers: {},
    modifiedAt: long,
  });
  await assert.rejects(find(cache, ['root']), { code: 'cache-damaged' });
});
