import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as aMoment } from 'node:timers/promises';
import { parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { parseCacheAddress } from '../address/parse-address.ts';
import { openBinaryCache } from '../binary-cache.ts';
import type { BinaryCache } from '../binary-cache.ts';
import { writeNarinfo } from '../narinfos/narinfo-object.ts';
import { readClosure } from './read-closure.ts';

const pathOf = (name: string): StorePath =>
  parseBaseName(`${name.padStart(32, '0').replaceAll(/[eotu]/g, 'x')}-${name}`);

/** A cache that says what refers to what, and nothing else. */
async function openCache(graph: Readonly<Record<string, readonly string[]>>) {
  const folder = await mkdtemp(join(tmpdir(), 'closure-'));
  const cache = openBinaryCache(parseCacheAddress(folder));
  for (const [name, references] of Object.entries(graph))
    await writeNarinfo(cache, narinfoOf(name, references), { ifAbsent: true });
  return { cache, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const narinfoOf = (name: string, references: readonly string[]) => ({
  path: pathOf(name),
  url: `nar/${name}.nar`,
  compression: 'none',
  narSize: 1,
  narHash: { algorithm: 'sha256', digest: Buffer.alloc(32) } as const,
  deriver: null,
  fileHash: null,
  fileSize: null,
  signatures: [],
  contentAddress: null,
  references: references.map(pathOf),
});

/** The same cache; how many of its narinfos were read at once, at most. */
function watchReads(cache: BinaryCache) {
  const reads = { now: 0, most: 0 };
  const objects = Object.assign(Object.create(cache.objects), {
    async get(key: string) {
      reads.now += 1;
      reads.most = Math.max(reads.most, reads.now);
      await aMoment();
      reads.now -= 1;
      return cache.objects.get(key);
    },
  });
  return { cache: { ...cache, objects }, reads };
}

test('a closure is read many paths at a time, but not all, and told dependencies first', async () => {
  const leaves = Array.from({ length: 200 }, (_, index) => `leaf${index}`);
  const graph = { ...Object.fromEntries(leaves.map((leaf) => [leaf, []])), all: leaves };
  await using opened = await openCache({ ...graph, above: ['all', 'above'] });
  const { cache, reads } = watchReads(opened.cache);
  const closure = [...(await readClosure(cache, [pathOf('above')])).keys()];
  assert.equal(closure.length, 202);
  assert.deepEqual(closure.slice(-2), [pathOf('all'), pathOf('above')]);
  assert.ok(reads.most > 1 && reads.most <= 64, `${reads.most} at once`);
});

test('what is not selected is not read, nor what only that refers to', async () => {
  await using opened = await openCache({ app: ['lib', 'gone'], lib: [] });
  await assert.rejects(readClosure(opened.cache, [pathOf('app')]), { code: 'cache-refused' });
  const select = async (paths: readonly StorePath[]) =>
    paths.filter((path) => path !== pathOf('gone'));
  const closure = await readClosure(opened.cache, [pathOf('app')], select);
  assert.deepEqual([...closure.keys()], [pathOf('lib'), pathOf('app')]);
});
