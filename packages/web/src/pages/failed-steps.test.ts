import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBuild as build, makeStep as step } from '../testing/make-build.ts';
import { failedSteps } from './failed-steps.ts';

test('a build failed because of the steps that failed, the first of them first', () => {
  const steps = [
    step({ number: 3, derivation: 'b.drv' }),
    step({ number: 2, derivation: 'ok.drv', status: 'succeeded' }),
    step({ number: 1, derivation: 'a.drv', error: 'exit code 1' }),
  ];
  assert.deepEqual(failedSteps(build({ steps })), [
    { derivation: 'a.drv', status: 'failed', error: 'exit code 1', build: 7, logOf: 1 },
    { derivation: 'b.drv', status: 'failed', error: null, build: 7, logOf: 3 },
  ]);
});

test('a step that failed in another build is named with that build and its log', () => {
  const steps = [step({ origin: { build: 4, step: 9 }, hasLog: false })];
  assert.deepEqual(failedSteps(build({ steps })), [
    { derivation: 'a.drv', status: 'failed', error: null, build: 4, logOf: 9 },
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
    { derivation: 'top.drv', status: 'failed', error: null, build: 5, logOf: 2 },
  ]);
});

test('a build that was cancelled needs no other reason', () => {
  assert.deepEqual(
    failedSteps(build({ steps: [step({ status: 'cancelled' })], status: 'cancelled' })),
    [],
  );
});

test('an earlier failure of what was never tried again is no reason', () => {
  const standIn = step({ build: 5, number: 2, derivation: 'top.drv' });
  const steps = [step({ derivation: 'a.drv', status: 'timed-out' })];
  const reasons = failedSteps(build({ standIn, steps, status: 'dependency-failed' }));
  assert.deepEqual(
    reasons.map(({ derivation, status }) => [derivation, status]),
    [['a.drv', 'timed-out']],
  );
});
