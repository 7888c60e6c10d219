import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallError } from '../call-error.ts';
import { cutAnywhere } from '../testing/arbitraries.ts';
import { unlimited } from './gathering.ts';
import { frameMessage, MessageCutter } from './message-frame.ts';

const limitBytes = 1_000;
const messages = fc.array(fc.uint8Array({ maxLength: limitBytes }));
const framed = (all: readonly Uint8Array[]): Buffer => Buffer.concat(all.map(frameMessage));

test('messages come out as they went in, however the pieces fall', () => {
  const scenario = messages.chain((all) => fc.tuple(fc.constant(all), cutAnywhere(framed(all))));
  fc.assert(
    fc.property(scenario, ([all, pieces]) => {
      const cutter = new MessageCutter(limitBytes, unlimited);
      const cut = pieces.flatMap((piece) => cutter.push(piece));
      cutter.finish();
      assert.deepEqual(
        cut.map((message) => Buffer.from(message)),
        all.map((message) => Buffer.from(message)),
      );
    }),
  );
});

test('a message is there as soon as its last byte is', () => {
  const cutter = new MessageCutter(limitBytes, unlimited);
  assert.equal(cutter.push(framed([Buffer.from('one'), Buffer.from('two')])).length, 2);
  assert.equal(cutter.push(framed([Buffer.alloc(0)])).length, 1);
});

test('a stream that ends within a message is refused', () => {
  const scenario = fc
    .uint8Array({ maxLength: limitBytes })
    .chain((message) =>
      fc.tuple(fc.constant(message), fc.integer({ min: 1, max: message.length + 4 })),
    );
  fc.assert(
    fc.property(scenario, ([message, missing]) => {
      const cutter = new MessageCutter(limitBytes, unlimited);
      assert.equal(cutter.push(frameMessage(message).subarray(0, -missing)).length, 0);
      assert.throws(() => cutter.finish(), { status: 'internal' });
    }),
  );
});

test('a message above the limit is refused at its head, before its bytes are gathered', () => {
  const cutter = new MessageCutter(limitBytes, unlimited);
  const head = frameMessage(Buffer.alloc(limitBytes + 1)).subarray(0, 5);
  assert.throws(() => cutter.push(head), { status: 'out-of-range', message: /1001 .* 1000/ });
});

test('a message of just the limit passes', () => {
  assert.equal(
    new MessageCutter(limitBytes, unlimited).push(frameMessage(Buffer.alloc(limitBytes))).length,
    1,
  );
});

test('a compressed message is refused', () => {
  const frame = frameMessage(Buffer.from('x'));
  frame.writeUInt8(1, 0);
  assert.throws(
    () => new MessageCutter(limitBytes, unlimited).push(frame),
    (error: unknown) => error instanceof CallError && error.status === 'unimplemented',
  );
});
