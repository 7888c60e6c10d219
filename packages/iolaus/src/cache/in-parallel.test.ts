import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { forEachInParallel } from './in-parallel.ts';

test('as many as the limit are under way at once, begun in order', async () => {
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  await forEachInParallel([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    running += 1;
    most = Math.max(most, running);
    await nextTurn();
    running -= 1;
  });
  assert.equal(most, 2);
  assert.deepEqual(begun, [1, 2, 3, 4, 5]);
});

test('after a failure nothing more is begun, and what was begun is waited for', async () => {
  const ended: number[] = [];
  const working = forEachInParallel([1, 2, 3, 4], 2, async (item) => {
    if (item === 1) throw new Error('the first');
    await nextTurn();
    ended.push(item);
  });
  await assert.rejects(working, /the first/);
  assert.deepEqual(ended, [2]);
});

test('nothing to do is done at once', async () => {
  await forEachInParallel([], 5, () => assert.fail('there is nothing'));
});
