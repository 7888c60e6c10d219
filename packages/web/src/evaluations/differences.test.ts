import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparisonQuery, mostTelling, readComparisonView } from './differences.ts';
import type { Counts } from './differences.ts';

const none: Counts = {
  'newly-failing': 0,
  'newly-succeeding': 0,
  'still-failing': 0,
  'still-succeeding': 0,
  aborted: 0,
  unfinished: 0,
  new: 0,
  removed: 0,
};

test('what a page shows can be read from its address', () => {
  const view = { difference: 'still-failing', other: '12', cursor: 'abc' } as const;
  const query = Object.fromEntries(new URLSearchParams(comparisonQuery(view)));
  assert.deepEqual(readComparisonView(query), view);
});

test('what makes no sense in an address is left out', () => {
  const view = readComparisonView({ difference: 'odd', with: '0; drop' });
  assert.equal(comparisonQuery(view), '');
});

test('what newly fails is shown first, and what succeeds as ever last', () => {
  const all = { ...none, 'still-succeeding': 900, 'still-failing': 3, 'newly-failing': 1 };
  assert.equal(mostTelling(all), 'newly-failing');
  assert.equal(mostTelling({ ...none, 'still-succeeding': 900, removed: 1 }), 'removed');
  assert.equal(mostTelling(none), 'still-succeeding');
});
