import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildSummary } from '../../database/reads/build-summary.ts';
import type { StepRow } from '../../database/reads/step-row.ts';
import { describeBuild, describeStep } from './wording.ts';

const buildRow = (fields: Partial<BuildSummary>): BuildSummary => ({
  id: 1,
  project: 'p',
  jobset: 'j',
  job: 'job',
  nixName: null,
  system: 'x86_64-linux',
  derivation: 'x.drv',
  finished: true,
  status: 0,
  running: false,
  cached: false,
  queuedAt: 1,
  startedAt: 2,
  stoppedAt: 3,
  ...fields,
});

const stepRow = (fields: Partial<StepRow>): StepRow => ({
  build: 1,
  stepNumber: 1,
  type: 'build',
  derivation: 'x.drv',
  resolution: null,
  system: 'x86_64-linux',
  machine: 'ares',
  busy: 0,
  status: 0,
  errorMessage: null,
  startedAt: 2,
  stoppedAt: 3,
  overheadMilliseconds: null,
  propagatedFrom: null,
  origin: null,
  outputs: [],
  ...fields,
});

test('a build that is not finished runs or waits, whatever its row remembers of an earlier life', () => {
  assert.equal(describeBuild(buildRow({ finished: false, status: null })).status, 'queued');
  assert.equal(describeBuild(buildRow({ finished: false, running: true })).status, 'running');
});

test('a status that nobody knows is told as aborted, as on pages of Hydra', () => {
  assert.equal(describeBuild(buildRow({ status: 5 })).status, 'aborted');
  assert.equal(describeBuild(buildRow({ status: null })).status, 'aborted');
  assert.equal(describeStep(stepRow({ status: 99 })).status, 'aborted');
});

test('a busy step runs, in the phase that its number stands for', () => {
  const { status, phase } = describeStep(stepRow({ busy: 20, status: null }));
  assert.deepEqual([status, phase], ['running', 'sending-inputs']);
  assert.equal(describeStep(stepRow({ busy: 77, status: null })).phase, null);
});

test('only a step that was really tried has a log', () => {
  const hasLog = (fields: Partial<StepRow>): boolean => describeStep(stepRow(fields)).hasLog;
  assert.equal(hasLog({}), true);
  assert.equal(hasLog({ type: 'substitution' }), false);
  assert.equal(hasLog({ startedAt: null }), false);
  assert.equal(hasLog({ status: 13 }), false);
  assert.equal(hasLog({ propagatedFrom: 4 }), false);
});
