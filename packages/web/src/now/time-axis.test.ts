import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { percentAt, ticksOf } from './time-axis.ts';

test('ticks are round moments within the window, and not too many', () => {
  fc.assert(
    fc.property(fc.nat(2_000_000_000), fc.integer({ min: 60, max: 100_000 }), (from, length) => {
      const window = { from, to: from + length };
      const ticks = ticksOf(window, 8);
      assert.ok(ticks.length <= 9);
      for (const tick of ticks) assert.ok(tick >= from && tick <= window.to && tick % 60 === 0);
    }),
  );
});

test('what began before the window begins at its edge', () => {
  const window = { from: 100, to: 200 };
  assert.deepEqual(
    [50, 100, 150, 300].map((at) => percentAt(window, at)),
    [0, 0, 50, 100],
  );
});
