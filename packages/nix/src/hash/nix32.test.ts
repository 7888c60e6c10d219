import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NixFormatError } from '../format-error.ts';
import { nix32Length, parseNix32, printNix32 } from './nix32.ts';

test('bytes of any number survive', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const text = printNix32(bytes);
      assert.equal(text.length, nix32Length(bytes.length));
      assert.deepEqual(parseNix32(text, bytes.length), bytes);
    }),
  );
});

test('the first digit holds the highest bits of the last byte', () => {
  assert.equal(printNix32(Uint8Array.of(1)), '01');
  assert.equal(printNix32(Uint8Array.of(0x80)), '40');
});

test('bits beyond the last byte, foreign characters and wrong lengths are refused', () => {
  for (const [text, byteCount] of [
    ['80', 1],
    ['0e', 1],
    ['0A', 1],
    ['000', 1],
    ['', 1],
  ] as const)
    assert.throws(() => parseNix32(text, byteCount), NixFormatError, text);
});
