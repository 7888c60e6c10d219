import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { printHash } from '../hash/hash.ts';
import { readFixture, readJsonFixture } from '../testing/fixture.ts';
import { openTemporaryFolder } from '../testing/temporary-folder.ts';
import { dumpNar } from './dump-nar.ts';
import { hashPath, NarMeter } from './measure-nar.ts';
import { parseNar } from './parse-nar.ts';
import { printNar } from './print-nar.ts';
import { restoreNar } from './restore-nar.ts';

type Vector = {
  readonly file: string;
  readonly narSize: number;
  readonly sha256: string;
  readonly nix32: string;
  readonly sri: string;
};

const run = promisify(execFile);
const vectors = readJsonFixture<readonly Vector[]>('nar/index.json');
const fixtures = fileURLToPath(new URL('../../fixtures/nar/', import.meta.url));

test('the trees that Nix archived become the same archives here', async () => {
  await using folder = await openTemporaryFolder();
  await run('sh', [join(fixtures, 'make-trees.sh'), join(folder.path, 'trees')]);
  for (const { file, narSize, sha256, sri, nix32 } of vectors) {
    const path = join(folder.path, 'trees', basename(file, '.nar'));
    assert.deepEqual(await buffer(dumpNar(path)), readFixture(file), file);
    const { hash, size } = await hashPath(path);
    assert.equal(size, narSize);
    assert.equal(printHash(hash, 'base16'), sha256);
    assert.equal(printHash(hash, 'sri'), sri);
    assert.equal(`sha256:${printHash(hash, 'nix32')}`, nix32);
  }
});

test('the archives of Nix become trees that are archived as they were', async () => {
  await using folder = await openTemporaryFolder();
  for (const { file } of vectors) {
    const target = join(folder.path, basename(file));
    await restoreNar([readFixture(file)], target);
    assert.deepEqual(await buffer(dumpNar(target)), readFixture(file), file);
  }
});

test('an archive is measured while it passes', async () => {
  for (const { file, narSize, sri } of vectors) {
    const meter = new NarMeter();
    const passed = await buffer(meter.measure(createReadStream(join(fixtures, basename(file)))));
    assert.deepEqual(passed, readFixture(file));
    const { hash, size } = meter.finish();
    assert.deepEqual([size, printHash(hash, 'sri')], [narSize, sri]);
  }
});

test('the events of an archive make the archive', async () => {
  for (const { file } of vectors) {
    const events = parseNar(createReadStream(join(fixtures, basename(file))));
    assert.deepEqual(await buffer(printNar(events)), readFixture(file), file);
  }
});
