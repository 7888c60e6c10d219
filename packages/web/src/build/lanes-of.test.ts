import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lanesOf } from './lanes-of.ts';

const at = (seconds: number): string => new Date(seconds * 1_000).toISOString();
const step = (from: number, to: number | null) => ({
  startedAt: at(from),
  stoppedAt: to === null ? null : at(to),
});

test('as many lanes are needed as steps were under way at once', () => {
  assert.equal(lanesOf([]), 0);
  assert.equal(lanesOf([step(1, 5), step(5, 9)]), 1);
  assert.equal(lanesOf([step(1, 6), step(5, 9), step(2, null)]), 3);
});
