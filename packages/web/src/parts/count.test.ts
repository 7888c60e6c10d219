import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatCount } from './count.ts';

test('counts are written as English does', () => {
  fc.assert(
    fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (count) => {
      assert.equal(formatCount(count), count.toLocaleString('en'));
    }),
  );
});
