import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatAge, formatDuration } from './duration.ts';

test('a duration is told in two units at most', () => {
  const told = [0, 4, 59, 60, 65, 3599, 3600, 7380, 86_399, 86_400, 300_000].map(formatDuration);
  assert.deepEqual(told, [
    '0s',
    '4s',
    '59s',
    '1m 00s',
    '1m 05s',
    '59m 59s',
    '1h 00m',
    '2h 03m',
    '23h 59m',
    '1d 0h',
    '3d 11h',
  ]);
});

test('a duration of clocks that disagree is none, not a negative one', () => {
  assert.equal(formatDuration(-5), '0s');
});

test('fractions of seconds never round up to sixty', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
      assert.doesNotMatch(formatDuration(seconds), /\b60[sm]/);
    }),
  );
});

test('a moment is told by its distance, rounded down', () => {
  assert.deepEqual([-3, 9, 10, 59, 60, 3599, 3600, 86_399, 172_900].map(formatAge), [
    'just now',
    'just now',
    '10s ago',
    '59s ago',
    '1m ago',
    '59m ago',
    '1h ago',
    '23h ago',
    '2d ago',
  ]);
});
