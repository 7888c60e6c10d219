import assert from 'node:assert/strict';
import { test } from 'node:test';
import { walkBar } from './walk-bar.ts';

test('how far it has come is told by the first digits of a key', () => {
  assert.match(walkBar('00abcd.narinfo'), /^░{24} {3}0 %$/);
  assert.match(walkBar('h0abcd.narinfo'), /^█{12}░{12} {2}50 %$/);
  assert.match(walkBar('zzabcd.narinfo'), /^█{24} {2}99 %$/);
  assert.match(walkBar('Ünknown'), / 0 %$/);
});
