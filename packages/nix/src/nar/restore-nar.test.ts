import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NixFormatError } from '../format-error.ts';
import { readFixture } from '../testing/fixture.ts';
import { openTemporaryFolder } from '../testing/temporary-folder.ts';
import { restoreNar } from './restore-nar.ts';
import { TreeError } from './tree-error.ts';
import { encodeWords } from './word-writer.ts';

const magic = 'nix-archive-1';
const open = ['(', 'type', 'directory'];
const file = ['(', 'type', 'regular', 'contents', 'hostile', ')'];
const symlinkTo = (target: string) => ['(', 'type', 'symlink', 'target', target, ')'];
const entry = (name: string, node: readonly string[]) => [
  'entry',
  '(',
  'name',
  name,
  'node',
  ...node,
  ')',
];
const directory = (...entries: readonly string[][]) => [...open, ...entries.flat(), ')'];
const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

const hostile: readonly (readonly [string, readonly string[]])[] = [
  ['a name that goes up', directory(entry('../outside', file))],
  ['a name that is the directory above', directory(entry('..', directory(entry('outside', file))))],
  ['a name that is absolute', directory(entry('/outside', file))],
  ['a name that ends early', directory(entry('outside\0', file))],
  [
    'a symlink that becomes a directory',
    directory(entry('a', symlinkTo('..')), entry('a', directory(entry('outside', file)))),
  ],
  [
    'a symlink that becomes a file',
    directory(entry('a', symlinkTo('../outside')), entry('a', file)),
  ],
  ['a file behind a symlink', directory(entry('a', symlinkTo('..')), entry('a/outside', file))],
  [
    'a directory and a symlink that come back',
    directory(
      entry('b', symlinkTo('..')),
      entry('a', directory()),
      entry('b', directory(entry('outside', file))),
    ),
  ],
];

for (const [name, words] of hostile)
  test(`${name} leads nowhere`, async () => {
    await using folder = await openTemporaryFolder();
    const target = join(folder.path, 'target');
    const before = openDescriptors();
    // Word by word, so that all that comes before is made.
    const archive = [magic, ...words].map((word) => encodeWords(word));
    await assert.rejects(restoreNar(archive, target), NixFormatError);
    assert.deepEqual(readdirSync(folder.path), ['target']);
    assert.equal(openDescriptors(), before);
  });

test('nothing that exists is written over, followed or entered', async () => {
  await using folder = await openTemporaryFolder();
  const path = (name: string) => join(folder.path, name);
  writeFileSync(path('file'), 'mine');
  mkdirSync(path('directory'));
  symlinkSync('nowhere', path('dangling'));
  symlinkSync('directory', path('link'));
  const archives = ['file.txt', 'tree', 'link'].map((name) => readFixture(`nar/${name}.nar`));
  for (const name of ['file', 'directory', 'dangling', 'link'])
    for (const archive of archives)
      await assert.rejects(restoreNar([archive], path(name)), (error) => {
        assert.ok(error instanceof TreeError, String(error));
        assert.equal(error.kind, 'exists');
        assert.match(error.message, new RegExp(`/${name} exists already`));
        return true;
      });
  assert.deepEqual(readdirSync(folder.path).sort(), ['dangling', 'directory', 'file', 'link']);
  assert.equal(readFileSync(path('file'), 'utf8'), 'mine');
  assert.deepEqual(readdirSync(path('directory')), []);
});

test('an archive that breaks off within a file leaves no file open', async () => {
  await using folder = await openTemporaryFolder();
  const before = openDescriptors();
  const half = readFixture('nar/tree.nar').subarray(0, 8_000);
  await assert.rejects(restoreNar([half], join(folder.path, 'tree')), NixFormatError);
  assert.equal(openDescriptors(), before);
});

test('executable is who the archive says, whatever the umask is', async () => {
  await using folder = await openTemporaryFolder();
  const before = process.umask(0o177);
  try {
    await restoreNar([readFixture('nar/exec.sh.nar')], join(folder.path, 'exec.sh'));
    await restoreNar([readFixture('nar/file.txt.nar')], join(folder.path, 'file.txt'));
  } finally {
    process.umask(before);
  }
  assert.equal(statSync(join(folder.path, 'exec.sh')).mode & 0o777, 0o711);
  assert.equal(statSync(join(folder.path, 'file.txt')).mode & 0o777, 0o600);
});

test('the next chunk is asked for only when the last one has been written', async () => {
  await using folder = await openTemporaryFolder();
  const target = join(folder.path, 'file');
  const head = encodeWords(magic, '(', 'type', 'regular', 'contents');
  const chunk = Buffer.alloc(1024);
  async function* archive(): AsyncGenerator<Uint8Array> {
    yield head;
    yield Buffer.of(0, 40, 0, 0, 0, 0, 0, 0);
    for (let count = 0; count < 10; count += 1) {
      assert.equal(statSync(target).size, count * chunk.length);
      yield chunk;
    }
    yield encodeWords(')');
  }
  await restoreNar(archive(), target);
  assert.equal(statSync(target).size, 10 * chunk.length);
});
