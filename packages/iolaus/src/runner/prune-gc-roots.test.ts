import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pruneGcRoots } from './prune-gc-roots.ts';

const named = (name: string): string => `${'0'.repeat(32)}-${name}`;

test('roots of outputs that nobody wants go; young ones stay, and what is none of ours', async () => {
  await using folder = await openFolder();
  for (const name of ['wanted', 'unwanted', 'evaluated.drv'])
    await symlink('/nowhere', join(folder.path, named(name)));
  await symlink('/nowhere', join(folder.path, 'result'));
  await writeFile(join(folder.path, named('file')), '');
  const kept = new Set([named('wanted')]);
  const others = [named('evaluated.drv'), named('file'), 'result', named('wanted')].sort();
  assert.equal(await pruneGcRoots(folder.path, kept, Date.now() - 3_600_000), 0);
  assert.equal(await pruneGcRoots(folder.path, kept, Date.now() + 3_600_000), 1);
  assert.deepEqual((await readdir(folder.path)).sort(), others);
});

async function openFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'roots-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
