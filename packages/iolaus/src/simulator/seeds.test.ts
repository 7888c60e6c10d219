import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepChange } from '../farm/graph/step-state.ts';
import { playMany } from './play-many.ts';

test('every promise is kept in a thousand histories, in which all sorts of things come up', async () => {
  const tally = await playMany({ from: 1, count: 1_000 }, () => {}, new AbortController().signal);
  assert.deepEqual(tally.failures, []);
  assert.equal(tally.seeds, 1_000);
  const missing = happenings.filter((what) => !tally.counts.has(what));
  assert.deepEqual(missing, []);
});

const changes: readonly StepChange[] = [
  'back-off-ended',
  'dispatched',
  'failed',
  'input-failed',
  'inputs-built',
  'postponed',
  'preempted',
  'failed-before',
  'rest-remembered',
  'returned',
  'succeeded',
  'taken-back',
  'unsupported',
  'withdrawn',
];

const troubles = [
  'answers-lost',
  'clock-set',
  'commit-cut',
  'database-cut',
  'database-slow',
  'database-stopped',
  'garbage-collected',
  'runner-killed',
  'runner-killed-at-retry',
  'runner-killed-soon',
  'runner-restarted',
  'runner-usurped',
  'standby-started',
  'statement-fails',
  'step-orphaned',
  'store-away',
  'store-slow',
  'tunnels-cut',
];

const deeds = [
  'evaluate',
  'cancel',
  'delete',
  'restart',
  'bump',
  'share',
  'reconfigure',
  'emergency',
  'hold',
];

const vices = [
  'falls silent',
  'flaps',
  'goes away and works on',
  'lies',
  'repeats itself',
  'second connection of one machine id',
  'stumbles',
  'vanishes',
];

const happenings = [
  ...changes.map((change) => `step: ${change}`),
  ...troubles.map((trouble) => `trouble: ${trouble}`),
  'a warm standby takes over',
  ...deeds.map((deed) => `deed: ${deed}`),
  ...vices.map((vice) => `vice: ${vice}`),
];
