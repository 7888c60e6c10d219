import assert from 'node:assert/strict';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseBaseName, printNix32 } from '@iolaus/nix';
import type { Narinfo, StorePath } from '@iolaus/nix';
import { parseCacheAddress } from '../address/parse-address.ts';
import { openBinaryCache } from '../binary-cache.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { narinfoKey, writeNarinfo } from '../narinfos/narinfo-object.ts';
import { collect } from '../testing/collect.ts';
import { openTestS3 } from '../testing/test-s3.ts';
import type { TestBucket, TestS3 } from '../testing/test-s3.ts';
import { readObject } from '../read-object.ts';
import { findGarbage } from './find-garbage.ts';
import type { Garbage } from './find-garbage.ts';
import { sweepGarbage } from './sweep-garbage.ts';
import { verifyNarinfo } from './verify-narinfo.ts';
import { walkNarinfos } from './walk-narinfos.ts';

const retries = { triesMax: 2, firstMilliseconds: 1, longestMilliseconds: 2 };
const hash = { algorithm: 'sha256', digest: Buffer.alloc(32) } as const;
const plain = { contentType: 'text/plain' };

const pathOf = (name: string): StorePath =>
  parseBaseName(`${printNix32(Buffer.alloc(20, name))}-${name}`);

const openIn = ({ address, environment }: TestS3): BinaryCache =>
  openBinaryCache(parseCacheAddress(address), { environment, retries });

/** A path whose archive has its name, with a listing and a debug link. */
async function add({ objects, settings }: BinaryCache, name: string, references: string[] = []) {
  const path = pathOf(name);
  const url = `nar/${name}.nar`;
  await objects.put(url, Buffer.from(name), plain);
  await objects.put(narinfoKey(path).replace('narinfo', 'ls'), Buffer.from('{}'), plain);
  const link = { archive: `../${url}`, member: 'some.debug' };
  await objects.put(`debuginfo/${name}`, Buffer.from(JSON.stringify(link)), plain);
  const narinfo: Narinfo = {
    path,
    url,
    compression: 'none',
    fileHash: null,
    fileSize: null,
    narHash: hash,
    narSize: 1,
    references: references.map(pathOf),
    deriver: null,
    signatures: [],
    contentAddress: null,
  };
  await writeNarinfo({ objects, settings }, narinfo, { ifAbsent: false });
}

/** A time between all that is there and all that comes, by the clock of the server: it may count in seconds. */
async function momentAfterAllIn({ objects }: TestBucket): Promise<number> {
  const latest = async (prefix: string): Promise<number> =>
    Math.max(...(await collect(objects.list(prefix))).map(({ modifiedAt }) => modifiedAt));
  const moment = (await latest('')) + 1;
  do await objects.put('tick', Buffer.from('tock'), plain);
  while ((await latest('tick')) < moment);
  await objects.delete('tick');
  return moment;
}

/** Returns what puts its narinfo back. */
async function takeAway({ objects }: TestBucket, name: string): Promise<() => Promise<unknown>> {
  const key = narinfoKey(pathOf(name));
  const taken = (await readObject(objects, key)) ?? assert.fail();
  await objects.delete(key);
  return () => objects.put(key, taken, plain);
}

/** All that is there is old enough. */
const always = Date.now() + 3_600_000;

const find = (cache: BinaryCache, roots: readonly string[], before = always) =>
  findGarbage(cache, { roots: roots.map((name) => narinfoKey(pathOf(name))), before, onProgress });

const onProgress = (): void => {};

const keysOf = ({ generations }: Garbage): string[] =>
  generations.flat().flatMap(({ objects }) => objects.map(({ key }) => key));

const isNarinfo = (key: string): boolean => key.endsWith('.narinfo');

/** Nobody comes to need anything, or what is said. */
const sweep = (cache: BinaryCache, garbage: Garbage, needed: readonly string[] = []) =>
  sweepGarbage(cache, garbage, { portion: (remove) => remove(needed), onProgress });

const namesIn = (keys: readonly string[]): string[] =>
  keys.flatMap((key) => /^nar\/(.*)\.nar$/.exec(key)?.[1] ?? []).sort();

test('what no root refers to goes with all that belongs to it, and nothing else', async () => {
  await using s3 = await openTestS3();
  using cache = openIn(s3);
  await add(cache, 'library');
  await add(cache, 'program', ['library', 'program']);
  await add(cache, 'orphan', ['library']);
  await cache.objects.put('log/orphan.drv', Buffer.from('said'), plain);
  const garbage = await find(cache, ['program', 'unpublished']);
  assert.deepEqual(keysOf(garbage).filter(isNarinfo), [narinfoKey(pathOf('orphan'))]);
  assert.equal(garbage.narinfos, 3);
  assert.deepEqual(namesIn(await s3.keys()), ['library', 'orphan', 'program']);
  assert.equal((await sweep(cache, garbage)).length, 4);
  const left = await s3.keys();
  assert.deepEqual(namesIn(left), ['library', 'program']);
  assert.deepEqual(left.filter((key) => key.startsWith('debuginfo/')).sort(), [
    'debuginfo/library',
    'debuginfo/program',
  ]);
  assert.equal(left.length, 2 * 4 + 1, 'the log stays');
  assert.deepEqual(keysOf(await find(cache, ['program'])), []);
});

test('what is young, or comes while it is looked for, stays with all that it refers to', async () => {
  await using s3 = await openTestS3();
  using cache = openIn(s3);
  for (const name of ['old', 'needed', 'needed-later', 'root']) await add(cache, name);
  await add(cache, 'late', ['needed-later']);
  const late = await takeAway(s3, 'late');
  const before = await momentAfterAllIn(s3);
  await add(cache, 'young', ['needed']);
  await cache.objects.put('nar/half-uploaded.nar', Buffer.from('x'), plain);
  let lists = 0;
  s3.inject(async ({ query }) => {
    if (query.has('list-type') && (lists += 1) === 2) await late();
    return null;
  });
  const garbage = await find(cache, ['root'], before);
  assert.deepEqual(namesIn(keysOf(garbage)), ['old']);
  assert.equal(keysOf(garbage).filter(isNarinfo).length, 1);
});

test('where anything cannot be read, nothing is known to be garbage', async () => {
  await using s3 = await openTestS3();
  using cache = openIn(s3);
  await add(cache, 'root', ['library']);
  await add(cache, 'library');
  const library = narinfoKey(pathOf('library'));
  s3.inject(({ key }) => (key === library ? 'internal-error' : null));
  await assert.rejects(find(cache, ['root']), { code: 'cache-unavailable' });
  s3.inject(({ key, query }) => (key === '' && query.has('list-type') ? 'slow-down' : null));
  await assert.rejects(find(cache, ['root']), { code: 'cache-unavailable' });
  s3.inject(() => null);
  await s3.objects.put(library, Buffer.from('nonsense'), plain);
  await assert.rejects(find(cache, ['root']), { code: 'cache-damaged' });
});

test('what is needed by the time that it would go stays, with all that it refers to and its archive', async () => {
  await using s3 = await openTestS3();
  using cache = openIn(s3);
  await add(cache, 'library');
  await add(cache, 'program', ['library']);
  for (const name of ['other', 'archive']) await add(cache, name);
  const garbage = await find(cache, ['nothing']);
  const all = ['archive', 'library', 'other', 'program'];
  assert.deepEqual(namesIn(keysOf(garbage)), all);
  await sweep(cache, garbage, [narinfoKey(pathOf('program')), 'nar/archive.nar']);
  const left = await s3.keys();
  assert.deepEqual(namesIn(left), ['archive', 'library', 'program']);
  assert.equal(left.filter(isNarinfo).length, 2);
});

test('whenever it is killed, all that the cache still shows is there', async () => {
  await using s3 = await openTestS3();
  using cache = openIn(s3);
  for (let last = 0, count = 1; last < count; last += 1) {
    await add(cache, 'one');
    await add(cache, 'two', ['one']);
    await add(cache, 'three', ['one', 'two', 'three']);
    const garbage = await find(cache, ['nothing']);
    count = keysOf(garbage).length;
    let deletions = 0;
    s3.inject(({ method }) =>
      method === 'DELETE' && (deletions += 1) > last ? 'internal-error' : null,
    );
    await assert.rejects(sweep(cache, garbage), { code: 'cache-unavailable' });
    s3.inject(() => null);
    await walkNarinfos(cache, async (key) => {
      const flaws = await verifyNarinfo(cache, key, { trusted: [], readsArchives: false });
      assert.deepEqual(flaws, [], `after ${last} deletions`);
    });
  }
});

test('an archive that no narinfo leads to is no garbage before the upload is over that it may be part of', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  using cache = openBinaryCache(parseCacheAddress(folder));
  await cache.objects.put('nar/half-uploaded.nar', Buffer.from('x'), plain);
  assert.deepEqual(keysOf(await find(cache, [])), []);
  const longAgo = new Date(Date.now() - 2 * 86_400_000);
  await utimes(join(folder, 'nar/half-uploaded.nar'), longAgo, longAgo);
  assert.deepEqual(keysOf(await find(cache, [])), ['nar/half-uploaded.nar']);
  await rm(folder, { recursive: true });
});
