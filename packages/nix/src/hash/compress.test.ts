import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compressDigest } from './compress.ts';

test('bytes beyond the size are folded back onto the first ones', () => {
  assert.deepEqual(compressDigest(Uint8Array.of(1, 2, 4, 8, 16), 2), Uint8Array.of(21, 10));
});

test('a digest of the size stays as it is', () => {
  assert.deepEqual(compressDigest(Uint8Array.of(1, 2), 2), Uint8Array.of(1, 2));
});
