import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseCacheAddress } from '../address/parse-address.ts';
import { collect } from '../testing/collect.ts';
import { openS3rver, openTestS3 } from '../testing/test-s3.ts';
import type { ObjectStore } from './object-store.ts';
import { openObjectStore } from './open-object-store.ts';

const text = { contentType: 'text/plain' };
const retries = { triesMax: 3, firstMilliseconds: 1, longestMilliseconds: 2 };

type Server = AsyncDisposable & {
  readonly address: string;
  readonly environment?: NodeJS.ProcessEnv;
};

async function makeFolder(): Promise<Server> {
  const path = await mkdtemp(join(tmpdir(), 'objects-'));
  return { address: path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const places: readonly (readonly [
  string,
  () => Promise<Server>,
  { readonly keepsConditions: boolean },
])[] = [
  [process.env['IOLAUS_TEST_S3'] ?? 'our fake', openTestS3, { keepsConditions: true }],
  ['s3rver', openS3rver, { keepsConditions: false }],
  ['a folder', makeFolder, { keepsConditions: true }],
];

for (const [name, serve, { keepsConditions }] of places) {
  test(`what is put into ${name} comes back, is listed, and is gone when deleted`, async () => {
    await using server = await serve();
    using store = openObjectStore(parseCacheAddress(server.address), { ...server, retries });
    // As keys of caches are, and as strange as store paths allow.
    const keys = ['nar/a.nar', 'log/x+y=z?-1.drv', '0123.narinfo'];
    assert.equal(await store.head('nar/a.nar'), null);
    assert.equal(await store.get('nar/a.nar'), null);
    for (const key of keys) assert.equal(await store.put(key, Buffer.from(key), text), 'created');
    for (const key of keys) assert.equal((await read(store, key)).toString(), key);
    assert.equal((await store.head('nar/a.nar'))?.sizeInBytes, 9);
    const [found, ...others] = await listed(store, 'nar/');
    assert.deepEqual([found?.key, found?.sizeInBytes, others], ['nar/a.nar', 9, []]);
    assert.ok(Math.abs((found?.modifiedAt ?? 0) - Date.now()) < 3_600_000);
    assert.deepEqual(
      (await listed(store, '')).map(({ key }) => key).filter((key) => !key.includes('/')),
      ['0123.narinfo'],
    );
    for (const key of keys) await store.delete(key);
    assert.equal(await store.head('nar/a.nar'), null);
  });

  if (keepsConditions)
    test(`what is there already in ${name} is left alone`, async () => {
      await using server = await serve();
      using store = openObjectStore(parseCacheAddress(server.address), { ...server, retries });
      const once = { ...text, ifAbsent: true };
      assert.equal(await store.put('one', Buffer.from('first'), once), 'created');
      assert.equal(await store.put('one', Buffer.from('second'), once), 'exists');
      const large = [randomBytes(6_000_000), randomBytes(100)];
      const stream = { ...once, sizeInBytesMax: 7_000_000 };
      assert.equal(await store.putStream('large', inTurn(large), stream), 'created');
      assert.equal(
        await store.putStream('large', inTurn([Buffer.alloc(6_000_000)]), stream),
        'exists',
      );
      assert.equal((await read(store, 'one')).toString(), 'first');
      assert.ok((await read(store, 'large')).equals(Buffer.concat(large)));
      for (const key of ['one', 'large']) await store.delete(key);
    });

  test(`a stream in many parts arrives whole in ${name}, and one that throws leaves nothing`, async () => {
    await using server = await serve();
    using store = openObjectStore(parseCacheAddress(server.address), { ...server, retries });
    const chunks = Array.from({ length: 13 }, () => randomBytes(1_000_003));
    const options = { ...text, sizeInBytesMax: 14_000_000 };
    assert.equal(await store.putStream('large', inTurn(chunks), options), 'created');
    assert.ok((await read(store, 'large')).equals(Buffer.concat(chunks)));
    await assert.rejects(store.putStream('broken', breaking(chunks), options), /enough/);
    assert.equal(await store.head('broken'), null);
    await store.delete('large');
  });
}

async function* inTurn(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function* breaking(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
  throw new Error('enough');
}

async function read(store: ObjectStore, key: string): Promise<Buffer> {
  const object = await store.get(key);
  assert.ok(object !== null, key);
  return Buffer.concat(await collect(object.body));
}

const listed = (store: ObjectStore, prefix: string) => collect(store.list(prefix));
