import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testKeys } from '../../configuration/testing/test-keys.ts';
import type { KeyTable } from '../../configuration/testing/test-keys.ts';
import { farmSettings, runnerConfigurationSchema } from './configuration.ts';

/** Hydra's keys with its defaults; the three ways to choose have others here, and ours come last. */
const keys: KeyTable = {
  hydraDataDir: ['/tmp/hydra', '/var/lib/hydra', ['', 1]],
  dbUrl: ['postgres://hydra@%2Frun%2Fpostgresql:5432/hydra', 'postgres:///x', ['', 1]],
  maxDbConnections: [128, 3, [0, 1.5, 'many', 2 ** 32]],
  dispatchTriggerTimerInS: [120, -1, [1.5, 2 ** 31]],
  queueTriggerTimerInS: [-1, 30, ['often', 2 ** 31]],
  remoteStoreAddr: [[], ['s3://cache'], ['s3://cache', [1]]],
  useSubstitutes: [false, true, [1, 'yes']],
  rootsDir: [undefined, '/roots', ['', 1]],
  maxRetries: [5, 0, [-1, 'x', 2 ** 32]],
  retryInterval: [60, 0, [-1, 1.5, 2 ** 31]],
  retryBackoff: [3, 0.5, [-1, 'x', NaN, Infinity, 1_001]],
  maxUnsupportedTimeInS: [120, -1, ['x', 2 ** 31]],
  stopQueueRunAfterInS: [60, -1, [1.5, 2 ** 31]],
  maxConcurrentDownloads: [5, 1, [0, 1.5, 2 ** 32]],
  concurrentUploadLimit: [5, 1, [0, 2 ** 32]],
  tokenPaths: [undefined, [], ['/token', [1]]],
  enableFodChecker: [false, true, ['no']],
  usePresignedUploads: [false, true, [0]],
  maxOutputSize: [0, 2 ** 40, [-1, 1.5]],
  maxSilentTime: [3_600, 0, [-1, 1.5, 2 ** 31]],
  buildTimeout: [36_000, 0, [-1, 2 ** 31]],
  maxLogSize: [67_108_864, 1, [0, -1]],
  forcedSubstituters: [[], ['https://cache'], ['https://cache']],
  overflowStore: [
    undefined,
    { store: 's3://overflow', jobsets: ['a:b'] },
    [
      { store: 'file:///x', jobsets: [] },
      { store: 's3://x' },
      { store: 's3://x', jobsets: [], x: 1 },
    ],
  ],
  machineSortFn: ['BestFit', 'BogomipsWithSpeedFactor', ['Best', 1]],
  machineFreeFn: ['Predicted', 'DynamicWithMaxJobLimit', ['Free']],
  stepSortFn: ['TwoLevel', 'WithRdeps', ['Sorted']],
  rejoinTimeInS: [120, 0, [-1, 2 ** 31]],
  silentBuilderTimeInS: [300, 0, [-1]],
  failedPathsTtlInS: [0, 3_600, [-1, 1.5]],
  emergencyTokenPaths: [undefined, ['/token'], ['/token', [1]]],
  joinKeyPath: [undefined, '/key', ['', 1]],
  trustBuilderUploads: [false, true, ['yes']],
};

testKeys(runnerConfigurationSchema, keys);

test("Hydra's ways to choose are known by its names", () => {
  for (const machineSortFn of ['SpeedFactorOnly', 'CpuCoreCountWithSpeedFactor']) {
    assert.ok(runnerConfigurationSchema.safeParse({ machineSortFn }).success);
  }
  for (const machineFreeFn of ['Static', 'Dynamic']) {
    assert.ok(runnerConfigurationSchema.safeParse({ machineFreeFn }).success);
  }
  for (const stepSortFn of ['Legacy', 'WithCriticalPath']) {
    assert.ok(runnerConfigurationSchema.safeParse({ stepSortFn }).success);
  }
});

test('no tries and no patience, which Hydra takes, mean one try and giving up at once', () => {
  const strict = { maxRetries: 0, maxUnsupportedTimeInS: -1 };
  const { maxTries, maxUnsupportedSeconds } = farmSettings(runnerConfigurationSchema.parse(strict));
  assert.deepEqual({ maxTries, maxUnsupportedSeconds }, { maxTries: 1, maxUnsupportedSeconds: 0 });
});

test('what the farm decides by is changed by the keys that say so, each alone', () => {
  const settings = (changes: object): Map<string, unknown> =>
    new Map(Object.entries(farmSettings(runnerConfigurationSchema.parse(changes))));
  const usual = settings({});
  const changedBy = Object.entries(keys).map(([key, [, other]]) => {
    const changed = settings({ [key]: other });
    return [
      key,
      [...changed.keys(), ...usual.keys()].find((name) => changed.get(name) !== usual.get(name)),
    ];
  });
  assert.deepEqual(Object.fromEntries(changedBy.filter(([, name]) => name !== undefined)), {
    maxRetries: 'maxTries',
    retryInterval: 'retryIntervalSeconds',
    retryBackoff: 'retryBackoff',
    maxUnsupportedTimeInS: 'maxUnsupportedSeconds',
    maxSilentTime: 'maxSilentSeconds',
    buildTimeout: 'timeoutSeconds',
    machineSortFn: 'machineOrder',
    machineFreeFn: 'capacity',
    stepSortFn: 'selection',
    silentBuilderTimeInS: 'silentBuilderSeconds',
  });
});
