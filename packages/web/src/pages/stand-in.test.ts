import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildStatus, StepStatus } from '../api/v2.ts';
import { makeBuild, makeStep } from '../testing/make-build.ts';
import { standInOf } from './stand-in.ts';

const isShown = (status: BuildStatus, standIn: StepStatus): boolean =>
  standInOf(makeBuild({ status, standIn: makeStep({ status: standIn }) })) !== null;

test('the work that another build does, or did, for one is told', () => {
  assert.ok(isShown('queued', 'running'));
  assert.ok(isShown('succeeded', 'succeeded'));
  assert.ok(isShown('failed', 'failed'));
});

test('what another build tried long ago is not told of one that waits, or that ended for another reason', () => {
  assert.ok(!isShown('queued', 'failed'));
  assert.ok(!isShown('queued', 'succeeded'));
  assert.ok(!isShown('dependency-failed', 'failed'));
  assert.ok(!isShown('cancelled', 'failed'));
  assert.equal(standInOf(makeBuild({})), null);
});
