import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfiguration } from '../configuration/configuration.ts';
import { testKeys } from '../configuration/testing/test-keys.ts';
import { Fault } from '../fault/fault.ts';
import { builderConfigurationSchema } from './configuration.ts';

const percent = [-1, 100.1, '10'];
const words = ['x86_64-linux', [''], [1]];

/** The keys of Hydra's builder, with its defaults. Null of hers is nothing here. */
testKeys(builderConfigurationSchema, {
  pingInterval: [10, 1, [0, -1, 1.5, 'often']],
  speedFactor: [1, 0.5, [0, -1, 'fast']],
  maxJobs: [4, 1, [0, -1, 1.5, 10_001]],
  buildCores: [0, 8, [-1, 1.5, 100_001]],
  buildDirAvailThreshold: [10, 0.5, percent],
  storeAvailThreshold: [10, 100, percent],
  load1Threshold: [8, 0, [-1, 'low']],
  cpuPsiThreshold: [75, 12.5, percent],
  memPsiThreshold: [80, 0, percent],
  ioPsiThreshold: [undefined, 50, percent],
  systems: [undefined, [], words],
  supportedFeatures: [undefined, ['kvm'], words],
  mandatoryFeatures: [[], ['kvm'], words],
  useSubstitutes: [false, true, [1, 'yes']],
});

test('a mistake in the file is told as one of configuration', () => {
  for (const text of ['pingInterval = 0', 'maxJob = 1', 'systems = "all"', 'maxJobs =']) {
    assert.throws(
      () => parseConfiguration('builder.toml', text, builderConfigurationSchema),
      (error) => error instanceof Fault && error.code === 'bad-configuration',
    );
  }
});
