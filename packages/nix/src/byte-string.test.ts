import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromBytes, fromUtf8, toBytes, toUtf8 } from './byte-string.ts';

test('bytes of any value survive', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(new Uint8Array(toBytes(fromBytes(bytes))), bytes);
      assert.equal(fromBytes(bytes).length, bytes.length);
    }),
  );
});

test('text of any script survives, and is held in UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(toUtf8(fromUtf8(text)), text);
      assert.deepEqual(toBytes(fromUtf8(text)), Buffer.from(text));
    }),
  );
});

test('a view into a larger buffer gives its own bytes only', () => {
  assert.equal(fromBytes(Uint8Array.of(65, 66, 67).subarray(1, 2)), 'B');
});

test('what is not UTF-8 reads as replacement characters', () => {
  assert.equal(toUtf8(fromBytes(Uint8Array.of(0xff))), '\ufffd');
});
