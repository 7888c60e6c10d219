import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AttemptError, failingAs, publicMessage } from './attempt-error.ts';
import { assertSuccess, isCached } from './verdict.ts';
import type { BuildResult, BuildStatus } from '@iolaus/nix';

test('what goes wrong counts as the phase it went wrong in, with its cause', async () => {
  const failing = failingAs('upload-failed', 'outputs could not be handed over', async () => {
    throw new Error('no space left');
  });
  await assert.rejects(failing, (error) => {
    assert.ok(error instanceof AttemptError);
    assert.equal(error.failure, 'upload-failed');
    assert.equal(publicMessage(error), 'outputs could not be handed over: no space left');
    return true;
  });
});

test('a verdict from within stays what it is', async () => {
  const verdict = new AttemptError('timed-out', 'too long');
  const failing = failingAs('preparing-failed', 'no build', () => Promise.reject(verdict));
  await assert.rejects(failing, (error) => error === verdict);
});

test('no secret of a presigned URL becomes public', () => {
  const error = new Error('PUT https://bucket.example/nar/x.nar?X-Amz-Signature=abc failed');
  assert.equal(publicMessage(error), 'PUT https://bucket.example/nar/x.nar?… failed');
});

test('a message fits into the database, whatever a build put into it', () => {
  assert.equal(publicMessage(new Error('a\0b')), 'ab');
  assert.equal(publicMessage(new Error('x'.repeat(20_000))).length, 10_000);
});

const verdicts: readonly (readonly [BuildStatus, string])[] = [
  ['permanent-failure', 'build-failed'],
  ['input-rejected', 'build-failed'],
  ['output-rejected', 'build-failed'],
  ['cached-failure', 'build-failed'],
  ['not-deterministic', 'not-deterministic'],
  ['timed-out', 'timed-out'],
  ['log-limit-exceeded', 'log-limit-exceeded'],
  ['transient-failure', 'transiently-failed'],
  ['misc-failure', 'preparing-failed'],
  ['dependency-failed', 'import-failed'],
  ['no-substituters', 'import-failed'],
];
for (const [status, failure] of verdicts) {
  test(`${status} of the daemon is told as ${failure}`, () => {
    assert.throws(
      () => assertSuccess('x.drv', result(status)),
      (error) => error instanceof AttemptError && error.failure === failure,
    );
  });
}

for (const status of [
  'built',
  'substituted',
  'already-valid',
  'resolves-to-already-valid',
] as const) {
  test(`${status} of the daemon is a success`, () => {
    assertSuccess('x.drv', result(status));
    assert.equal(isCached(status), status !== 'built');
  });
}

test('a build that failed while the disk was full is no fault of the build', () => {
  const message =
    'exit code 1; note: build failure may have been caused by lack of free disk space';
  assert.throws(
    () => assertSuccess('x.drv', { ...result('transient-failure'), message }),
    (error) => error instanceof AttemptError && error.failure === 'preparing-failed',
  );
});

test("the daemon's own words are passed on", () => {
  assert.throws(
    () => assertSuccess('x.drv', { ...result('permanent-failure'), message: 'exit code 3' }),
    /build of x\.drv failed: exit code 3/,
  );
});

function result(status: BuildStatus): BuildResult {
  return {
    status,
    message: '',
    outputs: new Map(),
    timesBuilt: 0,
    isNonDeterministic: false,
    startTime: 0,
    stopTime: 0,
    cpuUserMicroseconds: null,
    cpuSystemMicroseconds: null,
  };
}
