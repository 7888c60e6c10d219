import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLogger } from '../../logging/logger.ts';
import { LogSpool } from './log-spool.ts';
import { BuildLog } from './log.ts';
import type { ReadLog } from './log.ts';

type Send = (read: ReadLog) => Promise<void>;

const folder = mkdtempSync(join(tmpdir(), 'log-'));
after(() => rmSync(folder, { recursive: true }));
let logs = 0;

function openLog(send: Send, sendAtOnce = false) {
  logs += 1;
  const spool = new LogSpool(join(folder, `${logs}`), () => assert.fail());
  const lines: string[] = [];
  const logger = createLogger({
    program: 'builder',
    level: 'info',
    destination: { isTerminal: false, write: (text) => void lines.push(text) },
  });
  return { log: new BuildLog({ spool, send, sendAtOnce, logger }), lines };
}

/** A runner that takes what it gets, once it is let to. */
function receiver(ready: Promise<void> = Promise.resolve()) {
  const received: Buffer[] = [];
  let calls = 0;
  const send: Send = async (read) => {
    calls += 1;
    await ready;
    for await (const piece of read(0)) received.push(Buffer.from(piece));
  };
  return { send, text: () => Buffer.concat(received).toString('latin1'), calls: () => calls };
}

test('lines arrive as they are, each with its newline', async () => {
  const runner = receiver();
  const { log } = openLog(runner.send);
  log.write(Buffer.from('one'));
  log.write(Buffer.from([0xff, 0x00]));
  log.write(Buffer.from(''));
  await log.end();
  assert.equal(runner.text(), 'one\n\u{ff}\u{0}\n\n');
  assert.equal(log.totalBytes, 8);
});

test('a line may be overwritten as soon as it was given', async () => {
  const runner = receiver();
  const { log } = openLog(runner.send);
  const line = Buffer.from('one');
  log.write(line);
  line.fill('x');
  await log.end();
  assert.equal(runner.text(), 'one\n');
});

test('no stream is opened for a log without lines, unless the runner wants one', async () => {
  const runner = receiver();
  const silent = openLog(runner.send);
  await silent.log.end();
  assert.equal(runner.calls(), 0);
  const wanted = openLog(runner.send, true);
  await wanted.log.end();
  assert.equal(runner.calls(), 1);
});

test('nobody waits for a runner that does not read, and it misses nothing', async () => {
  const gate = Promise.withResolvers<void>();
  const runner = receiver(gate.promise);
  const { log } = openLog(runner.send);
  const line = Buffer.alloc(1024 * 1024 - 1, 'x');
  for (let index = 0; index < 3; index += 1) log.write(line);
  gate.resolve();
  await log.end();
  assert.equal(runner.text().length, 3 * 1024 * 1024);
});

test('a stream that breaks holds nobody up, and is told once', async () => {
  const { log, lines } = openLog(async () => {
    throw new Error('connection lost');
  });
  log.write(Buffer.alloc(1024));
  await log.end();
  log.write(Buffer.alloc(1024));
  await log.end();
  assert.equal(lines.length, 1);
  assert.match(lines.join(''), /connection lost/);
});

test('a log can be read again from any position, while it grows', async () => {
  const numbers = Array.from({ length: 1000 }, (_, index) => `line ${index} ${'x'.repeat(500)}`);
  const whole = numbers.map((line) => `${line}\n`).join('');
  const seen: string[] = [];
  const { log } = openLog(async (read) => {
    for (const position of [0, 7, 300_000]) seen.push(await readUntil(read(position), 5_000));
    seen.push(await readUntil(read(1_000), Infinity));
  });
  for (const line of numbers) {
    log.write(Buffer.from(line));
    await nextTurn();
  }
  await log.end();
  const [first = '', second = '', third = '', rest] = seen;
  assert.ok(whole.startsWith(first) && first.length >= 5_000);
  assert.ok(whole.startsWith(second, 7) && second.length >= 5_000);
  assert.ok(whole.startsWith(third, 300_000) && third.length >= 5_000);
  assert.equal(rest, whole.slice(1_000));
});

async function readUntil(pieces: AsyncIterable<Uint8Array>, bytes: number): Promise<string> {
  let text = '';
  for await (const piece of pieces) {
    text += Buffer.from(piece).toString('latin1');
    if (text.length >= bytes) break;
  }
  return text;
}

test('a log whose file cannot be written stays in memory, which is told once, and goes there when it can be', async () => {
  const place = join(folder, 'full');
  const failures: unknown[] = [];
  using spool = new LogSpool(join(place, 'log'), (error) => void failures.push(error));
  const piece = Buffer.alloc(200 * 1024, 'x');
  for (let count = 0; count < 6; count += 1) spool.append(piece);
  assert.equal(failures.length, 1);
  assert.deepEqual(spool.read(0), Buffer.concat(Array.from({ length: 6 }, () => piece)));
  mkdirSync(place);
  for (let count = 0; count < 3; count += 1) spool.append(piece);
  assert.ok(statSync(join(place, 'log')).size >= 6 * piece.length);
  assert.equal(spool.bytes, 9 * piece.length);
  assert.equal(failures.length, 1);
});
