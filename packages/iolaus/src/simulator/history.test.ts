import assert from 'node:assert/strict';
import { test } from 'node:test';
import { play } from './history.ts';
import { makePlan } from './make-plan.ts';

test('one seed is one history', async () => {
  for (const seed of [3, 4, 5]) {
    const [one, other] = [await play(makePlan(seed)), await play(makePlan(seed))];
    assert.deepEqual(one.lines, other.lines);
    assert.equal(one.hash, other.hash);
  }
});
