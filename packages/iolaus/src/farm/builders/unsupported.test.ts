import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, graph, Scenario, step } from '../testing/scenario.ts';

test('a step that no builder can build fails when the patience ends, not before', () => {
  const farm = new Scenario();
  farm.join('ant');
  const steps = [step('app', 'lib'), step('lib', '', { system: 'riscv' })];
  assert.deepEqual(farm.queue([build(2, 'app'), build(3, 'lib')], steps), ['wake at 120']);
  assert.deepEqual(farm.pass(119.999), ['wake at 120']);
  assert.deepEqual(farm.pass(0.001), [
    "row of 3: lib unsupported: unsupported system type 'riscv'",
    'build 3 unsupported',
    "row of 2: lib unsupported from 3: unsupported system type 'riscv'",
    'build 2 unsupported',
  ]);
});

test('the patience begins anew when the last capable builder leaves', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.seconds = 119;
  farm.join('ant', { slots: 0 });
  assert.deepEqual(farm.pass(1000), []);
  assert.deepEqual(farm.leave('ant'), ['wake at 1239']);
  assert.deepEqual(farm.pass(119), ['wake at 1239']);
  assert.equal(farm.pass(1).at(-1), 'build 1 unsupported');
});

test('the patience begins when the step becomes runnable, however long no builder has been there', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), [step('app', 'lib', { system: 'riscv' }), step('lib')]);
  farm.seconds = 500;
  assert.deepEqual(farm.succeed('lib'), ['lib succeeded', 'wake at 620']);
  assert.deepEqual(farm.pass(119), ['wake at 620']);
  assert.equal(farm.pass(1).at(-1), 'build 1 unsupported');
});

test('each of several steps has its own patience', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'a'), graph({ a: '' }));
  farm.seconds = 50;
  farm.queue(build(2, 'b'), graph({ b: '' }));
  assert.equal(farm.pass(70).at(-2), 'build 1 unsupported');
  assert.equal(farm.state('b'), 'runnable');
  assert.equal(farm.pass(50).at(-1), 'build 2 unsupported');
});

test('a builder that has no room, no ping or no space supports all the same', () => {
  const farm = new Scenario();
  farm.join('ant', { buildDirectoryThreshold: 100 });
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.pass(100_000), []);
  assert.equal(farm.state('app'), 'runnable');
});

test('the message names what no builder offers', () => {
  const farm = new Scenario();
  farm.join('ant', { supportedFeatures: ['big'] });
  farm.join('bee', { supportedFeatures: ['kvm', 'gpu'], mandatoryFeatures: ['gpu'] });
  const needs = (name: string, ...requiredFeatures: string[]) =>
    step(name, '', { requiredFeatures });
  const steps = [needs('a', 'tpu'), needs('b', 'big', 'gpu')];
  farm.queue([build(1, 'a'), build(2, 'b')], steps);
  assert.deepEqual(
    farm.pass(120).filter((effect) => effect.startsWith('row')),
    [
      "row of 1: a unsupported: no builder for system 'linux' has the features: tpu",
      "row of 2: b unsupported: no builder for system 'linux' takes steps that require just: big, gpu",
    ],
  );
});

test('a longer patience that is set meanwhile counts', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const { settings } = farm;
  const patient = { ...settings, maxUnsupportedSeconds: 500 };
  assert.deepEqual(farm.apply({ type: 'settings-changed', settings: patient }), ['wake at 500']);
  assert.deepEqual(farm.pass(499), ['wake at 500']);
  assert.equal(farm.pass(1).at(-1), 'build 1 unsupported');
});
