import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runnerConfigurationSchema } from './configuration.ts';
import type { RunnerConfiguration } from './configuration.ts';
import { changedFixedKeys, describeIdleKeys } from './effective-keys.ts';

const configure = (settings: Readonly<Record<string, unknown>>): RunnerConfiguration =>
  runnerConfigurationSchema.parse(settings);

test('what is set to no effect is told with the reason, and a default is not', () => {
  assert.deepEqual(describeIdleKeys(configure({})), []);
  assert.deepEqual(describeIdleKeys(configure({ enableFodChecker: false, maxRetries: 9 })), []);
  const told = describeIdleKeys(configure({ enableFodChecker: true, stopQueueRunAfterInS: 5 }));
  assert.deepEqual(
    told.map((line) => line.split(':')[0]),
    ['stopQueueRunAfterInS', 'enableFodChecker'],
  );
});

test('only keys that count at the start are told as changed', () => {
  const one = configure({});
  assert.deepEqual(changedFixedKeys(one, configure({ maxRetries: 9 })), []);
  const other = configure({ dbUrl: 'postgres:///other', hydraDataDir: '/elsewhere' });
  assert.deepEqual(changedFixedKeys(one, other), ['hydraDataDir', 'dbUrl']);
});
