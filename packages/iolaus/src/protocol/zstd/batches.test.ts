import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { each, gather, Pipe } from '../testing/pieces.ts';
import { inBatches } from './batches.ts';

const never = 1_000_000_000;

test('batches hold the same bytes, are full but for the last, and only the last one ends them', async () => {
  const scenario = fc.record({
    pieces: fc.array(fc.uint8Array({ maxLength: 20 })),
    fullBytes: fc.integer({ min: 1, max: 50 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ pieces, fullBytes }) => {
      const batches = await gather(inBatches(each(pieces), { fullBytes, waitMilliseconds: never }));
      assert.deepEqual(Buffer.concat(batches.map(({ bytes }) => bytes)), Buffer.concat(pieces));
      assert.equal(batches.at(-1)?.because, 'end');
      for (const { bytes, because } of batches.slice(0, -1)) {
        assert.equal(because, 'full');
        assert.ok(bytes.length >= fullBytes);
      }
    }),
  );
});

test('a batch that does not fill up is given away when its time is up', async () => {
  const source = new Pipe<Uint8Array>();
  const batches = inBatches(source, { fullBytes: 100, waitMilliseconds: 1 });
  source.push(Buffer.from('waiting'));
  const { value } = await batches.next();
  assert.deepEqual(value, { bytes: Buffer.from('waiting'), because: 'time' });
  source.end();
  assert.deepEqual((await batches.next()).value, { bytes: Buffer.alloc(0), because: 'end' });
});

test('whoever leaves early does not wait for a silent source', async () => {
  const source = new Pipe<Uint8Array>();
  const left = inBatches(source, { fullBytes: 1, waitMilliseconds: never });
  source.push(Buffer.from('x'));
  await left.next();
  await left.return();
});

test('a failure of the source comes after what came before it', async () => {
  const failure = new Error('gone');
  async function* breaking(): AsyncGenerator<Uint8Array, void, void> {
    yield Buffer.from('before');
    throw failure;
  }
  const batches = inBatches(breaking(), { fullBytes: 1, waitMilliseconds: never });
  assert.equal(String((await batches.next()).value?.bytes), 'before');
  await assert.rejects(batches.next(), failure);
});
