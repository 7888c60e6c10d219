import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { fromUtf8 } from '../byte-string.ts';
import { openTemporaryFolder } from '../testing/temporary-folder.ts';
import { dumpNar } from './dump-nar.ts';
import { FileContents } from './file-contents.ts';
import { deepestNesting } from './limits.ts';
import { TreeError } from './tree-error.ts';
import type { TreeErrorKind } from './tree-error.ts';

const mebibyte = 1024 * 1024;
/** Where the size of a lone file stands. */
const sizeOffset = 88;

function refused(kind: TreeErrorKind, message: RegExp) {
  return (error: unknown): true => {
    assert.ok(error instanceof TreeError, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };
}

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

for (const [change, apply] of [
  ['grew', (file: string) => appendFileSync(file, 'more')],
  ['shrank', (file: string) => truncateSync(file, 2 * mebibyte)],
] as const)
  test(`a large file that ${change} while it was read is refused`, async () => {
    await using folder = await openTemporaryFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, Buffer.alloc(3 * mebibyte));
    const before = openDescriptors();
    const dump = dumpNar(file);
    await dump.next();
    apply(file);
    const rest = buffer(dump);
    await assert.rejects(rest, refused('changed', new RegExp(`file ${change} while it was read`)));
    assert.equal(openDescriptors(), before);
  });

test('a small file that is not as long as it was is refused', async () => {
  await using folder = await openTemporaryFolder();
  const file = join(folder.path, 'file');
  writeFileSync(file, '12345');
  for (const [size, message] of [
    [0, /grew/],
    [4, /grew/],
    [6, /shrank/],
  ] as const) {
    using contents = new FileContents(fromUtf8(file), size);
    const target = Buffer.alloc(size + 1);
    assert.throws(() => contents.readAllSync(target), refused('changed', message));
  }
  using contents = new FileContents(fromUtf8(file), 5);
  contents.readAllSync(Buffer.alloc(6));
});

test('a file beyond 4 GiB tells its size, and is read no further than asked', async () => {
  await using folder = await openTemporaryFolder();
  const file = join(folder.path, 'file');
  const size = 5 * 1024 * mebibyte;
  writeFileSync(file, '');
  truncateSync(file, size);
  const before = openDescriptors();
  for await (const chunk of dumpNar(file)) {
    assert.equal(Buffer.from(chunk).readBigUInt64LE(sizeOffset), BigInt(size));
    assert.ok(chunk.length <= mebibyte);
    break;
  }
  assert.equal(openDescriptors(), before);
});

test('what is no file, directory or symlink is refused, and nobody waits for it', async () => {
  await using folder = await openTemporaryFolder();
  execFileSync('mkfifo', [join(folder.path, 'fifo')]);
  const message = /fifo is neither a file nor a directory nor a symlink/;
  await assert.rejects(buffer(dumpNar(folder.path)), refused('not-archivable', message));
});

test('what is nested deeper than Nix would read is refused', async () => {
  await using folder = await openTemporaryFolder();
  const deepest = join(folder.path, ...Array.from({ length: deepestNesting - 1 }, () => 'd'));
  mkdirSync(deepest, { recursive: true });
  await buffer(dumpNar(folder.path));
  mkdirSync(join(deepest, 'd'));
  await assert.rejects(buffer(dumpNar(folder.path)), refused('too-deep', /nested deeper than 64/));
});

test('what is not there is the error of the system', async () => {
  await assert.rejects(buffer(dumpNar('/nonexistent')), { code: 'ENOENT', path: '/nonexistent' });
});

test('chunks stay as they are unless they may share a buffer', async () => {
  await using folder = await openTemporaryFolder();
  for (let index = 0; index < 20; index += 1)
    writeFileSync(join(folder.path, `file-${index}`), Buffer.alloc(90_000, index));
  const kept: Uint8Array[] = [];
  const copied: Uint8Array[] = [];
  for await (const chunk of dumpNar(folder.path)) kept.push(chunk);
  for await (const chunk of dumpNar(folder.path, { reuseBuffer: true }))
    copied.push(Buffer.from(chunk));
  assert.ok(kept.length > 3);
  assert.deepEqual(Buffer.concat(kept), Buffer.concat(copied));
});
