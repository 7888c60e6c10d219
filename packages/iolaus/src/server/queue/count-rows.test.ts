import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countRows } from './count-rows.ts';
import { orderQueue } from './queue-order.ts';
import type { QueueRow } from './queue-rows.ts';

const row = (name: string, state: QueueRow['state'], reason: QueueRow['reason']): QueueRow => ({
  derivation: `${name}.drv`,
  name,
  system: 'linux',
  state,
  reason,
  since: null,
  globalPriority: 0,
  localPriority: 0,
  shareUsed: 0,
  build: 1,
  jobsets: [1],
  inputs: 0,
  tries: 0,
  seconds: 2,
});

const rows = [
  row('next', 'leased', 'ahead'),
  row('ready', 'runnable', 'free-slot'),
  row('foreign', 'runnable', 'capable-builder'),
  row('resting', 'backing-off', 'back-off'),
  row('read', 'unfolding', 'unfolding'),
  row('begun', 'leased', 'builder'),
];

test('what a machine has but has not begun is no running step', () => {
  assert.deepEqual(countRows(rows, ({ system }) => [system]).get('linux'), {
    running: 1,
    ahead: 1,
    runnable: 2,
    waiting: 1,
    backingOff: 1,
    unsupported: 1,
    expectedSeconds: 12,
  });
});

test('what runs comes first, then what has been given out, then what can start', () => {
  const names = orderQueue(rows).map(({ name }) => name);
  assert.deepEqual(names, ['begun', 'next', 'ready', 'foreign', 'resting', 'read']);
});
