import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, newPathCounters } from './path-counters.ts';

test('paths are counted for as long as somebody is at work on them, however that ends', () => {
  const counters = newPathCounters();
  assert.throws(() => {
    using _outer = count(counters, 'uploading', 3);
    using _inner = count(counters, 'uploading', 2);
    assert.deepEqual(counters, { substituting: 0, uploading: 5, downloading: 0 });
    throw new Error('it broke');
  }, /it broke/);
  assert.deepEqual(counters, newPathCounters());
});
