import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildSummary } from '../../database/reads/list-builds.ts';
import type { StepRow } from '../../database/reads/step-row.ts';
import { wordBuild, wordStep, wordSteps } from './wording.ts';

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
  assert.equal(wordBuild(buildRow({ finished: false, status: null })).status, 'queued');
  assert.equal(wordBuild(buildRow({ finished: false, running: true })).status, 'running');
});

test('a status that nobody knows is told as aborted, as on pages of Hydra', () => {
  assert.equal(wordBuild(buildRow({ status: 5 })).status, 'aborted');
  assert.equal(wordBuild(buildRow({ status: null })).status, 'aborted');
  assert.equal(wordStep(stepRow({ status: 99 }), true).status, 'aborted');
});

test('a busy step runs, in the phase that its number stands for', () => {
  const { status, phase } = wordStep(stepRow({ busy: 20, status: null }), true);
  assert.deepEqual([status, phase], ['running', 'sending-inputs']);
  assert.equal(wordStep(stepRow({ busy: 77, status: null }), true).phase, null);
});

test('only a step that was really tried, and whose log no later one overwrote, has a log', () => {
  const hasLog = (fields: Partial<StepRow>, isNewest = true): boolean =>
    wordStep(stepRow(fields), isNewest).hasLog;
  assert.equal(hasLog({}), true);
  assert.equal(hasLog({}, false), false);
  assert.equal(hasLog({ type: 'substitution' }), false);
  assert.equal(hasLog({ startedAt: null }), false);
  assert.equal(hasLog({ status: 13 }), false);
  assert.equal(hasLog({ propagatedFrom: 4 }), false);
});

test('of the attempts at one derivation the newest has the log', () => {
  const rows = [
    stepRow({ stepNumber: 3 }),
    stepRow({ stepNumber: 2, derivation: 'y.drv' }),
    stepRow({}),
  ];
  assert.deepEqual(
    wordSteps(rows).map(({ hasLog }) => hasLog),
    [true, true, false],
  );
});
