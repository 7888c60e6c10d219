import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playMany } from './play-many.ts';
import { stepChanges } from '../farm/step-state.ts';

test('every promise is kept in a thousand histories, in which every trouble and every change of a step comes up', async () => {
  const tally = await playMany({ from: 1, count: 1_000 }, () => {}, new AbortController().signal);
  assert.deepEqual(tally.failures, []);
  assert.equal(tally.seeds, 1_000);
  const missing = [...happenings].filter((what) => !tally.counts.has(what));
  assert.deepEqual(missing, []);
});

// What only happens where outputs turn up by other means is tried by the farm's own world.
const elsewhere = new Set(['taken-back', 'found-built', 'failed-before', 'input-missed']);

const happenings = new Set([
  ...Object.keys(stepChanges)
    .filter((change) => !elsewhere.has(change))
    .map((change) => `step: ${change}`),
  'trouble: runner-killed',
  'trouble: runner-restarted',
  'trouble: database-cut',
  'trouble: database-stopped',
  'trouble: database-slow',
  'trouble: statement-fails',
  'trouble: tunnels-cut',
  'trouble: store-away',
  'trouble: store-slow',
  'trouble: garbage-collected',
  'trouble: clock-set',
]);
