import assert from 'node:assert/strict';
import { appendFile, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { logFilePath, openLog } from './log-file.ts';
import { tailLog } from './log-tail.ts';
import type { LogPiece } from './log-tail.ts';

async function logFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'log-tail-'));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Reads a tail piece by piece; the heartbeats of a slow machine left out. */
function follow(path: string, offset = 0) {
  const step = { ended: false };
  const stopped = new AbortController();
  const pieces = tailLog({
    open: () => openLog(path),
    offset,
    hasEnded: () => step.ended,
    signal: stopped.signal,
  });
  const next = async (): Promise<LogPiece | undefined> => {
    const { value } = await pieces.next();
    return value?.type === 'quiet' ? next() : (value ?? undefined);
  };
  const text = async (length: number): Promise<string> => {
    let text = '';
    while (Buffer.byteLength(text) < length) {
      const piece = await next();
      assert.equal(piece?.type, 'text');
      if (piece?.type === 'text') text += piece.text;
    }
    return text;
  };
  const stop = async (): Promise<void> => {
    stopped.abort();
    await pieces.return();
  };
  return { step, stopped, next, text, stop };
}

test('a log that is finished and compressed reads as it was written', async (context) => {
  const path = join(await logFolder(context), 'log');
  await writeFile(`${path}.zst`, zstdCompressSync('one\ntwo\n'));
  const file = (await openLog(path)) ?? assert.fail();
  assert.equal(await text(file.createReadStream()), 'one\ntwo\n');
  await file.close();
});

test('a log is told as it grows, and ends when the step has ended', async (context) => {
  const path = join(await logFolder(context), 'log');
  await writeFile(path, 'one\n');
  const log = follow(path);
  assert.deepEqual(await log.next(), { type: 'text', text: 'one\n', offset: 4 });
  await appendFile(path, 'two\n');
  assert.deepEqual(await log.next(), { type: 'text', text: 'two\n', offset: 8 });
  log.step.ended = true;
  assert.deepEqual(await log.next(), { type: 'end' });
  assert.equal(await log.next(), undefined);
});

test('what is written a moment after the step has ended is not lost', async (context) => {
  const path = join(await logFolder(context), 'log');
  await writeFile(path, 'one\n');
  const log = follow(path);
  log.step.ended = true;
  assert.deepEqual(await log.next(), { type: 'text', text: 'one\n', offset: 4 });
  const piece = log.next();
  await appendFile(path, 'last\n');
  assert.deepEqual(await piece, { type: 'text', text: 'last\n', offset: 9 });
  await log.stop();
});

test('a log that is not there yet is waited for', async (context) => {
  const path = join(await logFolder(context), 'ab', 'log');
  const log = follow(path);
  const piece = log.next();
  await mkdir(dirname(path));
  await writeFile(path, 'at last\n');
  assert.deepEqual(await piece, { type: 'text', text: 'at last\n', offset: 8 });
  await log.stop();
});

test('a step that ends without a log ends its tail', async (context) => {
  const log = follow(join(await logFolder(context), 'log'));
  log.step.ended = true;
  assert.deepEqual(await log.next(), { type: 'end' });
});

test('a reader who comes back gets the rest and nothing twice', async (context) => {
  const path = join(await logFolder(context), 'log');
  await writeFile(path, 'one\ntwo\n');
  const log = follow(path, 4);
  assert.deepEqual(await log.next(), { type: 'text', text: 'two\n', offset: 8 });
  await log.stop();
});

test('a log that begins anew is told from its beginning', async (context) => {
  const path = join(await logFolder(context), 'log');
  await writeFile(path, 'first attempt\n');
  const log = follow(path);
  await log.next();
  await truncate(path);
  assert.deepEqual(await log.next(), { type: 'reset' });
  await appendFile(path, 'second\n');
  assert.deepEqual(await log.next(), { type: 'text', text: 'second\n', offset: 7 });
  await log.stop();
});

test('a character that is written in two halves arrives whole', async (context) => {
  const path = join(await logFolder(context), 'log');
  const owl = Buffer.from('🦉');
  await writeFile(path, Buffer.concat([Buffer.from('a'), owl.subarray(0, 2)]));
  const log = follow(path);
  assert.deepEqual(await log.next(), { type: 'text', text: 'a', offset: 1 });
  const piece = log.next();
  await appendFile(path, owl.subarray(2));
  assert.deepEqual(await piece, { type: 'text', text: '🦉', offset: 5 });
  await log.stop();
});

test('bytes that are no text are told when nothing else will come', async (context) => {
  const path = join(await logFolder(context), 'log');
  await writeFile(path, Buffer.from([0x61, 0xff, 0xe2, 0x82]));
  const log = follow(path);
  assert.deepEqual(await log.next(), { type: 'text', text: 'a\ufffd', offset: 2 });
  log.step.ended = true;
  assert.deepEqual(await log.next(), { type: 'text', text: '\ufffd', offset: 4 });
  assert.deepEqual(await log.next(), { type: 'end' });
  await log.stop();
});

test('a large log comes in pieces of a bounded size, whole', async (context) => {
  const path = join(await logFolder(context), 'log');
  const whole = Array.from({ length: 20_000 }, (_, line) => `line ${line} ütf-8\n`).join('');
  await writeFile(path, whole);
  const log = follow(path);
  assert.equal(await log.text(Buffer.byteLength(whole)), whole);
  await log.stop();
});

test('a tail that nobody reads any more stops waiting', async (context) => {
  const path = join(await logFolder(context), 'log');
  await writeFile(path, '');
  const log = follow(path);
  const piece = log.next();
  log.stopped.abort(new Error('the reader left'));
  await assert.rejects(
    piece,
    (error) => String(error).includes('reader left') || String(error).includes('abort'),
  );
});

const hash = '0123456789abcdfghijklmnpqrsvwxyz';

test('the log of a derivation lies under the first two letters of its name', () => {
  const right = `/logs/01/${hash.slice(2)}-hello.drv`;
  assert.equal(logFilePath('/logs', `/nix/store/${hash}-hello.drv`), right);
  assert.equal(logFilePath('/logs', `${hash}-hello.drv`), right);
});

test('no text of a database leads out of the log directory', () => {
  for (const text of [
    '../../../etc/passwd',
    `/nix/store/${hash}-a/../../../../../etc/passwd`,
    `/nix/store/${hash}-../../x.drv`,
    `/nix/store/../${hash}-x.drv/..`,
    `/nix/store/${hash}-x\0.drv`,
    `/nix/store/${hash}-x.drv\n`,
    '',
  ]) {
    assert.equal(logFilePath('/logs', text), undefined, text);
  }
});

test('a link, a folder and nothing at all are no logs', async (context) => {
  const folder = await logFolder(context);
  await symlink('/etc/hostname', join(folder, 'link'));
  assert.equal(await openLog(join(folder, 'link')), undefined);
  assert.equal(await openLog(folder), undefined);
  assert.equal(await openLog(join(folder, 'nothing')), undefined);
});
