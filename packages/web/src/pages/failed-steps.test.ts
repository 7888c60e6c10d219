import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildDetail, Step } from '../api/shapes.ts';
import { failedSteps } from './failed-steps.ts';

const step = (fields: Partial<Step>): Step => ({
  build: 7,
  number: 1,
  type: 'build',
  derivation: 'a.drv',
  system: 'x86_64-linux',
  machine: 'ares',
  status: 'failed',
  phase: null,
  error: null,
  startedAt: 1,
  stoppedAt: 2,
  overheadMilliseconds: null,
  outputs: [],
  origin: null,
  hasLog: true,
  ...fields,
});

const build = (fields: Partial<BuildDetail>): BuildDetail => ({
  id: 7,
  project: 'p',
  jobset: 'j',
  job: 'job',
  name: null,
  system: 'x86_64-linux',
  derivation: 'top.drv',
  status: 'dependency-failed',
  cached: false,
  queuedAt: 0,
  startedAt: 1,
  stoppedAt: 2,
  description: null,
  evaluation: null,
  priority: 100,
  size: null,
  closureSize: null,
  releaseName: null,
  steps: [],
  stepsLeftOut: false,
  standIn: null,
  outputs: [],
  products: [],
  metrics: [],
  ...fields,
});

test('a build failed because of the steps that failed, the first of them first', () => {
  const steps = [
    step({ number: 3, derivation: 'b.drv' }),
    step({ number: 2, derivation: 'ok.drv', status: 'succeeded' }),
    step({ number: 1, derivation: 'a.drv', error: 'exit code 1' }),
  ];
  assert.deepEqual(failedSteps(build({ steps })), [
    { derivation: 'a.drv', error: 'exit code 1', build: 7, logOf: 1 },
    { derivation: 'b.drv', error: null, build: 7, logOf: 3 },
  ]);
});

test('a step that failed in another build is named with that build and its log', () => {
  const steps = [step({ origin: { build: 4, step: 9 }, hasLog: false })];
  assert.deepEqual(failedSteps(build({ steps })), [
    { derivation: 'a.drv', error: null, build: 4, logOf: 9 },
  ]);
});

test('an attempt that went wrong and was made good is no reason', () => {
  const steps = [step({ number: 2, status: 'succeeded' }), step({ number: 1, status: 'aborted' })];
  assert.deepEqual(failedSteps(build({ steps, status: 'cancelled' })), []);
});

test('a build that goes on, or succeeded, has no reason to have failed', () => {
  const steps = [step({ status: 'aborted' })];
  assert.deepEqual(failedSteps(build({ steps, status: 'running' })), []);
  assert.deepEqual(failedSteps(build({ steps, status: 'succeeded' })), []);
});

test('where another build did the work, its failure is the reason', () => {
  const standIn = step({ build: 5, number: 2, derivation: 'top.drv' });
  assert.deepEqual(failedSteps(build({ standIn, status: 'failed' })), [
    { derivation: 'top.drv', error: null, build: 5, logOf: 2 },
  ]);
});
