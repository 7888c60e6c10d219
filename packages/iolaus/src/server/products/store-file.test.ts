import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { isPlainSegment, openStoreFile, parseStoreFile } from './store-file.ts';

const hash = '0123456789abcdfghijklmnpqrsvwxyz';
const basename = `${hash}-manual-1.0`;

test('a path is read as a store path and the way inside it, whatever the store is called', () => {
  const expected = { basename, inside: ['share', 'doc'] };
  assert.deepEqual(parseStoreFile(`/nix/store/${basename}/share/doc`), expected);
  assert.deepEqual(parseStoreFile(`/tmp/farm/store/${basename}/share//doc/`), expected);
  assert.deepEqual(parseStoreFile(`/nix/store/${basename}`), { basename, inside: [] });
});

test('a path that leads anywhere but into a store path is not one', () => {
  for (const path of [
    '',
    '/etc/passwd',
    `/nix/store/${basename}/../../etc/passwd`,
    `/nix/store/${basename}/./x`,
    `/nix/store/${basename}/a\0b`,
    `/nix/store/short-name`,
    `${basename}/x`,
  ]) {
    assert.equal(parseStoreFile(path), undefined, path);
  }
});

test('a name that could lead out of its folder is no plain one', () => {
  for (const name of ['', '.', '..', 'a/b', 'a\0']) assert.equal(isPlainSegment(name), false, name);
  for (const name of ['a', '...', '..a', 'ü b', '%2e%2e'])
    assert.equal(isPlainSegment(name), true, name);
});

async function makeStore(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  context.after(() => rm(folder, { recursive: true }));
  const store = join(folder, 'store');
  const root = join(store, basename);
  const other = join(store, `${hash}-manual-1.0-secret`);
  await mkdir(join(root, 'share'), { recursive: true });
  await mkdir(other);
  await writeFile(join(folder, 'outside'), 'secret');
  await writeFile(join(other, 'file'), 'secret');
  await writeFile(join(root, 'share', 'page.html'), 'page');
  await symlink('share/page.html', join(root, 'inside'));
  await symlink('../../outside', join(root, 'out'));
  await symlink(`../${hash}-manual-1.0-secret`, join(root, 'neighbour'));
  await symlink('/', join(root, 'everything'));
  await symlink('loop', join(root, 'loop'));
  await symlink('../outside', join(store, `${hash}-link`));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  return store;
}

async function look(store: string, base: string, ...inside: string[]): Promise<string | undefined> {
  const found = await openStoreFile(store, { basename: base, inside });
  if (found?.type !== 'file') return found?.type;
  const text = await found.file.readFile('utf8');
  await found.file.close();
  return text;
}

test('a file in a store path is opened, by a link of the same store path too', async (context) => {
  const store = await makeStore(context);
  assert.equal(await look(store, basename, 'share', 'page.html'), 'page');
  assert.equal(await look(store, basename, 'inside'), 'page');
  assert.equal(await look(store, basename, 'share'), 'directory');
});

test('a link that leads out of its store path is not followed', async (context) => {
  const store = await makeStore(context);
  for (const way of [
    ['out'],
    ['neighbour'],
    ['neighbour', 'file'],
    ['everything', 'etc', 'passwd'],
    ['everything'],
  ]) {
    assert.equal(await look(store, basename, ...way), undefined, way.join('/'));
  }
  assert.equal(await look(store, `${hash}-link`), undefined);
});

test('what is no file and no folder is not there', async (context) => {
  const store = await makeStore(context);
  for (const way of [
    ['pipe'],
    ['loop'],
    ['nothing'],
    ['share', 'page.html', 'deeper'],
    ['x'.repeat(5000)],
  ]) {
    assert.equal(await look(store, basename, ...way), undefined, way.join('/'));
  }
});
