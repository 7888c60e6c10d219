import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff } from './back-off.ts';

test('each wait is up to twice as long, up to ten seconds, until it went well', () => {
  const backOff = new BackOff();
  const waits = Array.from({ length: 7 }, () => backOff.next(1));
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  backOff.reset();
  assert.equal(backOff.next(0), 250);
});
