import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { placeInLanes } from './lanes.ts';
import type { Stretch } from './lanes.ts';

const stretches = fc
  .array(fc.record({ start: fc.nat(100), length: fc.integer({ min: 1, max: 30 }) }), {
    maxLength: 30,
  })
  .map(
    (items) =>
      new Map<number, Stretch>(
        items.map(({ start, length }, key) => [key, { start, end: start + length }]),
      ),
  );

test('with lanes enough nothing lies on anything', () => {
  fc.assert(
    fc.property(stretches, (all) => {
      const placed = placeInLanes(all, all.size, new Map());
      for (const [key, one] of all) {
        for (const [otherKey, other] of all) {
          if (key === otherKey || placed.get(key) !== placed.get(otherKey)) continue;
          assert.ok(one.end <= other.start || other.end <= one.start);
        }
      }
    }),
  );
});

test('what has a lane keeps it, whatever comes and goes', () => {
  fc.assert(
    fc.property(stretches, fc.integer({ min: 1, max: 5 }), fc.nat(), (all, lanes, gone) => {
      const before = placeInLanes(all, lanes, new Map());
      const left = new Map([...all].filter(([key]) => key % 3 !== gone % 3));
      for (const [key, lane] of placeInLanes(left, lanes, before)) {
        assert.equal(lane, before.get(key));
      }
    }),
  );
});
