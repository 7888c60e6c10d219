import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printDuration } from './duration.ts';

test('a duration is as exact as a person wants it', () => {
  assert.deepEqual([-1, 0, 0.44, 9.96, 10, 59.4, 60, 184, 3_599, 8_100].map(printDuration), [
    '0.0s',
    '0.0s',
    '0.4s',
    '10.0s',
    '10s',
    '59s',
    '1m 00s',
    '3m 04s',
    '59m 59s',
    '2h 15m',
  ]);
});
