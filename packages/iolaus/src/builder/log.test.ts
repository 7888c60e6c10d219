import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../logging/logger.ts';
import { BuildLog } from './log.ts';

type Open = (data: AsyncIterable<Uint8Array>) => Promise<void>;

function openLog(open: Open, openAtOnce = false) {
  const lines: string[] = [];
  const logger = createLogger({
    program: 'builder',
    level: 'info',
    destination: { isTerminal: false, write: (text) => void lines.push(text) },
  });
  return { log: new BuildLog({ open, openAtOnce, logger }), lines };
}

/** A runner that takes what it gets, once it is let to. */
function receiver(ready: Promise<void> = Promise.resolve()) {
  const received: Buffer[] = [];
  let calls = 0;
  const open: Open = async (data) => {
    calls += 1;
    await ready;
    for await (const piece of data) received.push(Buffer.from(piece));
  };
  return { open, text: () => Buffer.concat(received).toString('latin1'), calls: () => calls };
}

test('lines arrive as they are, each with its newline', async () => {
  const runner = receiver();
  const { log } = openLog(runner.open);
  void log.write(Buffer.from('one'));
  void log.write(Buffer.from([0xff, 0x00]));
  void log.write(Buffer.from(''));
  await log.end();
  assert.equal(runner.text(), 'one\n\u{ff}\u{0}\n\n');
  assert.equal(log.totalBytes, 8);
});

test('a line may be overwritten as soon as it was given', async () => {
  const runner = receiver();
  const { log } = openLog(runner.open);
  const line = Buffer.from('one');
  void log.write(line);
  line.fill('x');
  await log.end();
  assert.equal(runner.text(), 'one\n');
});

test('no stream is opened for a log without lines, unless the runner wants one', async () => {
  const runner = receiver();
  const silent = openLog(runner.open);
  await silent.log.end();
  assert.equal(runner.calls(), 0);
  const wanted = openLog(runner.open, true);
  await wanted.log.end();
  assert.equal(runner.calls(), 1);
});

test('a build that is ahead of the network by a megabyte waits', async () => {
  const gate = Promise.withResolvers<void>();
  const runner = receiver(gate.promise);
  const { log } = openLog(runner.open);
  const line = Buffer.alloc(1024 * 1024 - 2, 'x');
  assert.equal(log.write(line), undefined);
  const waiting = log.write(Buffer.alloc(0));
  assert.ok(waiting instanceof Promise);
  gate.resolve();
  await waiting;
  await log.end();
  assert.equal(runner.text().length, 1024 * 1024);
});

test('a stream that breaks holds nobody up, and is told once', async () => {
  const gate = Promise.withResolvers<void>();
  const { log, lines } = openLog(async () => {
    await gate.promise;
    throw new Error('connection lost');
  });
  const waiting = log.write(Buffer.alloc(2 * 1024 * 1024));
  assert.ok(waiting instanceof Promise);
  gate.resolve();
  await waiting;
  assert.equal(log.write(Buffer.alloc(2 * 1024 * 1024)), undefined);
  await log.end();
  assert.equal(lines.length, 1);
  assert.match(lines.join(''), /connection lost/);
});

test('a runner that reads no further holds nobody up', async () => {
  const { log } = openLog(async (data) => {
    for await (const _ of data) break;
  });
  await log.write(Buffer.alloc(2 * 1024 * 1024));
  await log.write(Buffer.alloc(2 * 1024 * 1024));
  await log.end();
});
