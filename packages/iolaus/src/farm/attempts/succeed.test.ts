import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  build,
  derivation,
  graph,
  resultOf,
  Scenario,
  step,
  storePath,
} from '../testing/scenario.ts';

test('all builds of a derivation succeed with it; only the charged one was not cached', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue([build(5, 'app'), build(4, 'app'), build(6, 'app')], graph({ app: '' }));
  assert.deepEqual(farm.succeed('app'), [
    'app succeeded',
    'build 4 succeeded',
    'build 5 succeeded, cached',
    'build 6 succeeded, cached',
  ]);
});

test('what the builder had already is cached for the charged build, too', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue([build(4, 'app'), build(5, 'app')], graph({ app: '' }));
  assert.deepEqual(farm.succeed('app', resultOf(step('app')), { cached: true }), [
    'app succeeded',
    'build 4 succeeded, cached',
    'build 5 succeeded, cached',
  ]);
});

test('a result without an output of the derivation does not finish the step', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.succeed('app', resultOf({ outputs: new Map() })), [
    'app aborted: the builder reported no output out of app',
    'wake at 60',
  ]);
  assert.equal(farm.state('app'), 'backing-off');
});

test('a result with another path than the derivation has does not finish the step', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const other = resultOf({ outputs: new Map([['out', storePath('other-out')]]) });
  assert.deepEqual(farm.succeed('app', other), [
    'app aborted: the builder reported output out of app as other-out; it must be app-out',
    'wake at 60',
  ]);
});

test('an output whose path is not known before may have any', () => {
  const farm = new Scenario();
  farm.join('ant');
  const floating = { ...step('app'), outputs: new Map([['out', null]]) };
  farm.queue(build(1, 'app'), [floating]);
  assert.deepEqual(farm.succeed('app', resultOf(floating)), ['app succeeded', 'build 1 succeeded']);
});

test('a step whose outputs turn up is finished without an attempt', () => {
  const farm = new Scenario();
  farm.queue([build(1, 'app'), build(2, 'lib')], graph({ app: 'lib', lib: 'base', base: '' }));
  const found = { type: 'step-found-built', derivation: derivation('lib') } as const;
  assert.deepEqual(farm.apply({ ...found, result: resultOf(step('lib')) }), [
    'build 2 succeeded, cached',
  ]);
  assert.equal(farm.state('app'), 'runnable');
  assert.equal(farm.state('base'), undefined);
});

test('while an attempt is under way only that one can finish the step', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const found = { type: 'step-found-built', derivation: derivation('app') } as const;
  assert.deepEqual(farm.apply({ ...found, result: resultOf(step('app')) }), []);
  assert.deepEqual(farm.succeed('app'), ['app succeeded', 'build 1 succeeded']);
});

test('a build whose outputs are there succeeds at once', () => {
  const farm = new Scenario();
  const event = { type: 'build-found-built', build: build(1, 'app') } as const;
  assert.deepEqual(farm.apply({ ...event, result: resultOf(step('app')) }), [
    'build 1 succeeded, cached',
  ]);
});
