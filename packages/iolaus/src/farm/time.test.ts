import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, graph, Scenario, step } from './testing/scenario.ts';

test('the shell is asked to wake the farm only when the earliest time changes', () => {
  const farm = new Scenario();
  const needs = (name: string) => step(name, '', { system: name });
  assert.deepEqual(farm.queue(build(1, 'a'), [needs('a')]), ['wake at 120']);
  farm.seconds = 1;
  assert.deepEqual(farm.queue(build(2, 'b'), [needs('b')]), []);
  assert.deepEqual(farm.join('ant', { systems: ['a'] }), ['wake at 121', 'start a on ant for 1']);
  assert.deepEqual(farm.join('bee', { systems: ['b'] }), ['start b on bee for 2']);
});

test('what is due happens with any event, not only when the alarm rings', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.fail('app', 'import-failed');
  farm.seconds = 60;
  assert.deepEqual(farm.ping('ant'), ['start app on ant for 1']);
});

test('a builder that joins in the last moment saves a step from being unsupported', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.seconds = 120;
  assert.deepEqual(farm.join('ant'), ['start app on ant for 1']);
});

test('a clock that is set back does not turn back what has happened', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.seconds = 1000;
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.seconds = 0;
  assert.deepEqual(farm.fail('app', 'import-failed').at(-1), 'wake at 1060');
  const [attempt] = farm.farm.view.attempts();
  assert.equal(attempt, undefined);
});
