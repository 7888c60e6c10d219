import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatestStatus } from './latest-status.ts';

test('the first status is told at once, and of those that follow the last, a second later', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  const status = new LatestStatus(async (text) => void told.push(text));
  await status.tell('one');
  await status.tell('two');
  await status.tell('three');
  assert.deepEqual(told, ['one']);
  context.mock.timers.tick(1_000);
  assert.deepEqual(told, ['one', 'three']);
  context.mock.timers.tick(5_000);
  await status.tell('four');
  assert.deepEqual(told, ['one', 'three', 'four']);
});

test('who closes it is told nothing more', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  const status = new LatestStatus(async (text) => void told.push(text));
  await status.tell('one');
  await status.tell('two');
  await status.close();
  context.mock.timers.tick(5_000);
  assert.deepEqual(told, ['one']);
});
