import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildId } from '../identity.ts';
import { build, graph, Scenario, step } from '../testing/scenario.ts';

test('builds that come later share the steps that are known', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: 'lib', lib: '' }));
  farm.join('ant');
  assert.deepEqual(farm.queue(build(2, 'tool'), graph({ tool: 'lib' })), []);
  assert.deepEqual(farm.succeed('lib'), ['lib succeeded', 'start app on ant for 1']);
  assert.deepEqual(farm.succeed('app'), [
    'app succeeded',
    'build 1 succeeded',
    'start tool on ant for 2',
  ]);
});

test('an input that is neither known nor queued is there already', () => {
  const farm = new Scenario();
  farm.join('ant');
  assert.deepEqual(farm.queue(build(1, 'app'), graph({ app: 'source bootstrap' })), [
    'start app on ant for 1',
  ]);
});

test('steps that no build needs are not kept', () => {
  const farm = new Scenario();
  farm.join('ant');
  assert.deepEqual(farm.queue([], graph({ app: 'lib', lib: 'base', base: '' })), []);
  assert.equal(farm.farm.view.counts().steps, 0);
});

test('an input that turns out to be missing is built first, even if the step was runnable', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.equal(farm.state('app'), 'runnable');
  farm.queue(build(2, 'lib'), graph({ app: 'lib', lib: '' }));
  assert.equal(farm.state('app'), 'waiting');
  farm.withdraw(2);
  assert.deepEqual(farm.join('ant'), ['start lib on ant for 1']);
  assert.deepEqual(farm.succeed('lib'), ['lib succeeded', 'start app on ant for 1']);
});

test('a step that rests waits for an input that turns out to be missing', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 2 });
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.fail('app', 'import-failed');
  farm.queue([], graph({ app: 'lib', lib: '' }));
  assert.equal(farm.state('app'), 'waiting');
  assert.deepEqual(farm.pass(60), []);
  assert.deepEqual(farm.succeed('lib'), ['lib succeeded', 'start app on ant for 1']);
});

test('a step that went wrong waits for the input that it turned out to need', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.queue([], graph({ app: 'lib', lib: '' }));
  assert.deepEqual(farm.fail('app', 'import-failed'), [
    'app aborted: it broke',
    'start lib on ant for 1',
  ]);
  assert.equal(farm.state('app'), 'waiting');
});

test('a step that is being built goes on when an input turns out to be missing', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.queue(build(2, 'app'), graph({ app: 'lib', lib: '' }));
  assert.deepEqual(farm.leave('ant'), ['app aborted: the builder was lost', 'wake at 120']);
  assert.equal(farm.state('app'), 'waiting');
  assert.deepEqual(farm.join('bee'), ['start lib on bee for 1']);
});

test('a step that is being built ends with the input that it turned out to need', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 2 });
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.queue(build(2, 'lib'), graph({ app: 'lib', lib: '' }));
  assert.deepEqual(farm.fail('lib'), [
    'lib failed: it broke',
    'stop app on ant',
    'app cancelled',
    'build 2 failed',
    'row of 1: lib failed from 2: it broke',
    'build 1 dependency-failed',
  ]);
});

test('a build that comes again changes nothing but its priority', () => {
  const farm = new Scenario();
  const steps = graph({ a: '', b: '' });
  farm.queue([build(1, 'a'), build(2, 'b')], steps);
  farm.queue(build(2, 'b', { globalPriority: 3 }), steps);
  assert.equal(farm.farm.view.counts().builds, 2);
  assert.deepEqual(farm.join('ant'), ['start b on ant for 2']);
});

test('a build whose step has ended meanwhile is left out, to be looked at again', () => {
  const farm = new Scenario();
  assert.deepEqual(farm.queue(build(1, 'app'), []), []);
  assert.equal(farm.farm.view.hasBuild(buildId(1)), false);
});

test('withdrawing the last build of a step stops it; a late report changes nothing', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue([build(1, 'app'), build(2, 'app')], graph({ app: '' }));
  const attempt = farm.attempt('app');
  assert.deepEqual(farm.withdraw(1), []);
  assert.deepEqual(farm.withdraw(2), ['stop app on ant', 'app cancelled']);
  const failed = { attempt, failure: 'build-failed', message: 'late' } as const;
  const times = { importMilliseconds: 0, buildMilliseconds: 0, uploadMilliseconds: 0 };
  assert.deepEqual(farm.apply({ type: 'attempt-failed', ...failed, times }), []);
  assert.deepEqual(farm.queue(build(3, 'app'), graph({ app: '' })), ['start app on ant for 3']);
});

test('a build that can never run is aborted', () => {
  const farm = new Scenario();
  const event = { type: 'build-unreadable', message: 'it is gone' } as const;
  assert.deepEqual(farm.apply({ ...event, build: build(7, 'gone') }), ['build 7 aborted']);
  farm.join('ant');
  farm.queue(build(8, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.apply({ ...event, build: build(8, 'app') }), [
    'build 8 aborted',
    'stop app on ant',
    'app cancelled',
  ]);
});

test('one event of steps in any order has the same effect', () => {
  const steps = [
    step('app', 'left right'),
    step('left', 'base'),
    step('right', 'base'),
    step('base'),
  ];
  for (const order of [steps, [...steps].reverse()]) {
    const farm = new Scenario();
    farm.join('ant');
    assert.deepEqual(farm.queue(build(1, 'app'), order), ['start base on ant for 1']);
  }
});
