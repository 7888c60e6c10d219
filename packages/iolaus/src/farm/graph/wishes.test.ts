import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, Scenario, step, times } from '../testing/scenario.ts';
import type { Wishes } from './wishes.ts';

/** One builder has one step, whose author has these wishes. */
function begin(wishes: Wishes, maxTries = 5): Scenario {
  const farm = new Scenario({ maxTries });
  farm.join('ant');
  farm.queue(build(1, 'app'), [{ ...step('app'), wishes }]);
  return farm;
}

function exit(farm: Scenario, exitCode: number): string[] {
  const attempt = farm.attempt('app');
  const failure = 'build-failed';
  return farm.apply({ type: 'attempt-failed', attempt, failure, exitCode, message: 'no', times });
}

test('a step that must not be retried ends with the first fault after it may have begun', () => {
  assert.deepEqual(begin({ neverRetry: true }).fail('app', 'upload-failed'), [
    'app aborted: it broke',
    'build 1 aborted',
  ]);
  assert.deepEqual(begin({ neverRetry: true }).leave('ant'), [
    'app aborted: the builder was lost',
    'build 1 aborted',
  ]);
});

test('a step that must not be retried is, if it cannot have begun', () => {
  const farm = begin({ neverRetry: true });
  assert.deepEqual(farm.fail('app', 'import-failed'), ['app aborted: it broke', 'wake at 60']);
});

test('an exit code that its author called transient is tried again later', () => {
  const farm = begin({ transientExitCodes: [75] });
  assert.deepEqual(exit(farm, 75), ['app aborted: no', 'wake at 60']);
  assert.deepEqual(farm.pass(60), ['start app on ant for 1']);
  assert.deepEqual(exit(farm, 1), ['app failed: no', 'build 1 failed']);
});

test('what stays transient to the last try has failed, and no fault of the farm', () => {
  const farm = begin({ transientExitCodes: [75] }, 2);
  exit(farm, 75);
  farm.pass(60);
  assert.deepEqual(exit(farm, 75), ['app failed: no', 'build 1 failed']);
  const [ant] = farm.farm.survey.builders();
  assert.equal(ant?.faults, 0);
});

test('an exit code that nobody called transient is a verdict', () => {
  assert.deepEqual(exit(begin({}), 75), ['app failed: no', 'build 1 failed']);
});
