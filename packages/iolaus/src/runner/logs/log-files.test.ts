import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { derivationPath } from '@iolaus/nix';
import { buildId } from '../../farm/identity.ts';
import { attemptLogPath, logFilePath, openLogFiles } from './log-files.ts';
import type { LogName } from './log-files.ts';

const derivation = derivationPath(`${'0'.repeat(32)}-hello.drv`);
const attempt = (stepNumber: number): LogName => ({ derivation, build: buildId(7), stepNumber });

async function openScene() {
  const directory = await mkdtemp(join(tmpdir(), 'logs-'));
  const files = openLogFiles(directory, { awaitFor: (deed) => deed() });
  const write = (step: number, text: string, offset = 0, limitBytes = 1_000_000) =>
    files.write(attempt(step), {
      offset,
      data: ReadableStream.from([Buffer.from(text)]),
      limitBytes,
      isWanted: () => true,
    });
  const latest = logFilePath(directory, derivation);
  return {
    files,
    write,
    plain: (path: string) => readFile(path, 'utf8'),
    finished: async (path: string) => zstdDecompressSync(await readFile(`${path}.zst`)).toString(),
    names: async () => (await readdir(dirname(latest))).toSorted(),
    latest,
    own: (step: number) => attemptLogPath(directory, attempt(step)),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

test('a log grows under its own name and that of its derivation, and is compressed under both', async () => {
  await using logs = await openScene();
  await logs.write(1, 'one\n');
  assert.equal(await logs.plain(logs.own(1)), 'one\n');
  assert.equal(await logs.plain(logs.latest), 'one\n');
  await logs.files.finish(attempt(1));
  assert.equal(await logs.finished(logs.own(1)), 'one\n');
  assert.equal(await logs.finished(logs.latest), 'one\n');
  assert.equal((await logs.names()).length, 2);
});

test('a later attempt leaves the log of an earlier one alone, and has the name of the derivation', async () => {
  await using logs = await openScene();
  await logs.write(1, 'first\n');
  await logs.write(2, 'second\n');
  // The earlier one ends last: it does not take the name back.
  await logs.files.finish(attempt(1));
  assert.equal(await logs.plain(logs.latest), 'second\n');
  await logs.files.finish(attempt(2));
  assert.equal(await logs.finished(logs.own(1)), 'first\n');
  assert.equal(await logs.finished(logs.own(2)), 'second\n');
  assert.equal(await logs.finished(logs.latest), 'second\n');
});

test('a log goes on where it stopped, and what was behind that makes way', async () => {
  await using logs = await openScene();
  await logs.write(1, 'one\ntwo\nbroken');
  assert.equal(await logs.files.bytes(attempt(1)), 14);
  await logs.write(1, 'three\n', 8);
  assert.equal(await logs.plain(logs.own(1)), 'one\ntwo\nthree\n');
});

test('a log is cut at its limit, and says so; one that goes on for long is not read any further', async () => {
  await using logs = await openScene();
  assert.equal(await logs.write(1, '0123456789', 0, 4), true);
  assert.equal(
    await logs.plain(logs.own(1)),
    '0123\n(the log was cut here: it may have 4 bytes)\n',
  );
  assert.equal(await logs.write(2, '01234', 0, 5), true);
  assert.equal(await logs.plain(logs.own(2)), '01234');
  assert.equal(await logs.write(3, 'x'.repeat(2_000_000), 0, 4), false);
});

test('an attempt that said nothing leaves no log', async () => {
  await using logs = await openScene();
  await logs.files.finish(attempt(1));
  assert.equal(await logs.files.bytes(attempt(1)), 0);
});

test('what an earlier runner left as it grew is finished, but for what still grows', async () => {
  await using logs = await openScene();
  await logs.write(1, 'first\n');
  await logs.write(2, 'second\n');
  await logs.write(3, 'third\n');
  await logs.files.finish(attempt(3));
  await logs.files.sweep(({ stepNumber }) => stepNumber === 2, new AbortController().signal);
  assert.equal(await logs.finished(logs.own(1)), 'first\n');
  assert.equal(await logs.plain(logs.own(2)), 'second\n');
  assert.equal(await logs.finished(logs.latest), 'third\n');
});
