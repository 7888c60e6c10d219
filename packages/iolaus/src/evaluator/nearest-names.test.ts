import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestNames } from './nearest-names.ts';

test('the names that differ least come first, and no more than five', () => {
  const names = ['openssl', 'hello', 'help', 'jello', 'zlib', 'gcc', 'make'];
  assert.deepEqual(nearestNames('hallo', names).slice(0, 2), ['hello', 'jello']);
  assert.equal(nearestNames('hallo', names).length, 5);
});

test('where there is nothing, nothing is near', () => {
  assert.deepEqual(nearestNames('hello', []), []);
});
