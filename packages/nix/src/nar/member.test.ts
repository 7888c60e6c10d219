import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { readFixture } from '../testing/fixture.ts';
import { listNar } from './listing.ts';
import { findMember, readMember } from './member.ts';

const tree = readFixture('nar/tree.nar');

test('a file is found by its path, however many slashes are in that', async () => {
  for (const path of ['/bin/run', 'bin/run', '//bin//run/'])
    assert.equal(await text(readMember([tree], path)), '#!/bin/sh\nexit 0\n');
  assert.equal(await text(readMember([tree], '/é/ż.txt')), 'accent\n');
  assert.equal(await text(readMember([tree], '/lib/deep/er/nothing')), '');
  assert.equal(await text(readMember([readFixture('nar/file.txt.nar')], '/')), 'hello world\n');
});

test('what is no file, or not there, is refused', async () => {
  const cases = [
    ['/bin', 'not-a-file', '/bin is a directory, not a file'],
    ['/', 'not-a-file', '/ is a directory, not a file'],
    ['/bin/alias', 'not-a-file', '/bin/alias is a symlink, not a file'],
    ['/bin/alias/x', 'missing', '/bin/alias/x is not in the archive'],
    ['/bin/ru', 'missing', '/bin/ru is not in the archive'],
    ['/run', 'missing', '/run is not in the archive'],
    ['/lib/run', 'missing', '/lib/run is not in the archive'],
  ] as const;
  for (const [path, kind, message] of cases)
    await assert.rejects(text(readMember([tree], path)), { name: 'TreeError', kind, message });
});

test('nothing behind the file is read, and the source is closed', async () => {
  let closed = false;
  function* source(): Generator<Uint8Array> {
    try {
      for (let start = 0; start < tree.length; start += 8) {
        assert.ok(start < 3_000, 'that is behind the file');
        yield tree.subarray(start, start + 8);
      }
    } finally {
      closed = true;
    }
  }
  assert.equal(await text(readMember(source(), '/bin/run')), '#!/bin/sh\nexit 0\n');
  assert.ok(closed);
});

test('a listing is searched the same way', async () => {
  const root = await listNar([tree]);
  assert.equal(findMember(root, '/'), root);
  const run = findMember(root, '/bin/run');
  assert.deepEqual(run, { type: 'regular', size: 17, executable: true, narOffset: 2744 });
  for (const path of ['/bin/alias/x', '/nothing', '/bin/run/x'])
    assert.equal(findMember(root, path), null);
});
