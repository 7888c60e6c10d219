import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { each, gather, gatherBytes, Pipe } from '../testing/pieces.ts';
import { compressBulk, compressLive } from './compress.ts';
import { decompress } from './decompress.ts';
import { frameParts } from './frame-parts.ts';

const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .record({ byte: fc.nat(255), size: fc.nat(300_000) })
      .map(({ byte, size }) => Buffer.alloc(size, byte)),
  ),
);

for (const [name, compress] of [
  ['bulk', compressBulk],
  ['live', compressLive],
] as const) {
  test(`${name} data becomes exactly one frame and comes back as it was`, async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (input) => {
        const output = await gather(compress(each(input)));
        const parts = await gather(frameParts(each([Buffer.concat(output)])));
        assert.deepEqual(
          parts.map(({ endsFrame }) => endsFrame),
          [true],
        );
        assert.deepEqual(await gatherBytes(decompress(each(output))), Buffer.concat(input));
      }),
    );
  });

  test(`a failure of the source of ${name} data is passed on as it is`, async () => {
    const failure = new Error('the build is gone');
    async function* breaking(): AsyncGenerator<Uint8Array, void, void> {
      yield Buffer.alloc(200_000, 'x');
      throw failure;
    }
    await assert.rejects(gatherBytes(compress(breaking())), failure);
  });
}

test('live data comes out at the other end while more is to come', async () => {
  const log = new Pipe<Uint8Array>();
  const arriving = decompress(compressLive(log));
  let arrived = '';
  for (const line of ['unpacking\n', 'configuring\n', 'building\n']) {
    log.push(Buffer.from(line));
    while (!arrived.endsWith(line)) {
      const step = await arriving.next();
      assert.notEqual(step.done, true);
      arrived += String(step.value);
    }
  }
  log.end();
  assert.equal((await arriving.next()).done, true);
  assert.equal(arrived, 'unpacking\nconfiguring\nbuilding\n');
});

test('a short log that ends at once is one piece', async () => {
  const output = await gather(compressLive(each([Buffer.from('one\n'), Buffer.from('two\n')])));
  assert.equal(output.length, 1);
});

test('an empty log is one empty frame', async () => {
  const output = await gather(compressLive(each([])));
  assert.equal(output.length, 1);
  assert.equal((await gatherBytes(decompress(each(output)))).length, 0);
});
