import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, derivation, graph, Scenario } from '../testing/scenario.ts';

/** Takes some steps ahead, having finished a few until now. */
function briskBuilder(farm: Scenario, name: string, ahead = 1): void {
  farm.seconds = -0.375;
  farm.join(name, { ahead });
  for (const warmUp of ['warm', 'up', 'well']) {
    farm.seconds += 0.125;
    farm.queue(build(90, warmUp), graph({ [warmUp]: '' }));
    farm.succeed(warmUp);
  }
}

test('steps are given ahead only when no capable builder has a free slot', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours');
  farm.join('theirs');
  const steps = graph({ a: '', b: '', c: '', d: '' });
  const builds = steps.map(({ derivation }, index) => build(index + 1, derivation));
  assert.deepEqual(farm.queue(builds, steps), [
    'start a on ours for 1',
    'start b on theirs for 2',
    'start c on ours for 3',
    'wake at 10',
  ]);
  assert.equal(farm.state('d'), 'runnable');
});

test('a builder gets steps ahead only while it finishes one shortly after the other', () => {
  const farm = new Scenario();
  farm.join('ant', { ahead: 1 });
  const steps = graph({ a: '', b: '', c: '', d: '', e: '' });
  const builds = steps.map(({ derivation }, index) => build(index + 1, derivation));
  assert.deepEqual(farm.queue(builds, steps), ['start a on ant for 1']);
  assert.equal(farm.succeed('a').at(-1), 'start b on ant for 2');
  farm.seconds += 10.001;
  assert.equal(farm.succeed('b').at(-1), 'start c on ant for 3');
  farm.seconds += 10;
  assert.deepEqual(farm.succeed('c').slice(2), [
    'start d on ant for 4',
    'start e on ant for 5',
    'wake at 30.001',
  ]);
});

test('a builder gets as many steps ahead as it gets to in a moment', () => {
  const farm = new Scenario();
  farm.join('ant', { ahead: 30 });
  const steps = graph(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`s${n}`, ''])));
  farm.queue(
    steps.map(({ derivation: path }, index) => build(index + 1, path)),
    steps,
  );
  for (let n = 0; n < 10; n += 1) {
    farm.seconds += 0.05;
    farm.succeed(`s${n}`);
  }
  assert.equal(farm.state('s15'), 'leased');
  assert.equal(farm.state('s16'), 'runnable');
});

test('what is heard at once took the time since what was heard before', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 5, ahead: 30 });
  const steps = graph(Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`s${n}`, ''])));
  farm.queue(
    steps.map(({ derivation: path }, index) => build(index + 1, path)),
    steps,
  );
  for (let n = 0; n < 20; n += 1) {
    if (n % 5 === 0) farm.seconds += 0.25;
    farm.succeed(`s${n}`);
  }
  assert.equal(farm.state('s29'), 'leased');
  assert.equal(farm.state('s30'), 'runnable');
});

test('what a builder does not get to is taken back and goes to the next free slot', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours');
  farm.queue([build(1, 'long'), build(2, 'next')], graph({ long: '', next: '' }));
  farm.join('theirs');
  farm.seconds = 9.999;
  assert.deepEqual(farm.ping('theirs'), []);
  farm.seconds = 10;
  assert.deepEqual(farm.ping('theirs'), [
    'stop next on ours',
    'next aborted: taken back before it was begun',
    'start next on theirs for 2',
  ]);
  const tries = farm.farm.view.step(derivation('next'))?.tries;
  assert.equal(tries, 0);
});

test('what a builder has begun stays with it, whatever it began first', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours');
  farm.queue([build(1, 'fetches'), build(2, 'builds')], graph({ fetches: '', builds: '' }));
  farm.apply({ type: 'attempt-begun', attempt: farm.attempt('builds') });
  assert.deepEqual(farm.pass(10), [
    'stop fetches on ours',
    'fetches aborted: taken back before it was begun',
  ]);
});

test('what a builder passes over has waited since it was given, not since what it began instead', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours');
  farm.queue([build(1, 'fetches')], graph({ fetches: '' }));
  farm.seconds = 4;
  assert.deepEqual(farm.queue([build(2, 'builds')], graph({ builds: '' })), [
    'start builds on ours for 2',
    'wake at 14',
  ]);
  const begun = { type: 'attempt-begun', attempt: farm.attempt('builds') } as const;
  assert.deepEqual(farm.apply(begun), ['wake at 10']);
});

test('a builder that does not get to it gets no more ahead until it is brisk again', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours');
  farm.queue([build(1, 'long'), build(2, 'next')], graph({ long: '', next: '' }));
  assert.deepEqual(farm.pass(10), [
    'stop next on ours',
    'next aborted: taken back before it was begun',
  ]);
  assert.equal(farm.state('next'), 'runnable');
});

test('a builder keeps what it took ahead as long as it finishes something', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours', 2);
  const steps = graph({ a: '', b: '', c: '' });
  farm.queue(
    steps.map(({ derivation: path }, index) => build(index + 1, path)),
    steps,
  );
  farm.seconds = 8;
  farm.succeed('a');
  assert.deepEqual(farm.pass(2), ['wake at 18']);
  assert.equal(farm.state('c'), 'leased');
  farm.seconds = 17;
  farm.succeed('b');
  assert.deepEqual(farm.pass(1), []);
});

test('not every attempt that ends moves the alarm', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours');
  const steps = graph({ a: '', b: '', c: '', d: '' });
  const builds = steps.map(({ derivation: path }, index) => build(index + 1, path));
  assert.equal(farm.queue(builds, steps).at(-1), 'wake at 10');
  farm.seconds = 5;
  assert.deepEqual(farm.succeed('a').slice(2), ['start c on ours for 3']);
  assert.deepEqual(farm.succeed('b').slice(2), ['start d on ours for 4']);
});

test('the time that a builder has for what it took ahead begins when it takes it', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours');
  farm.seconds = 100;
  assert.deepEqual(farm.queue([build(1, 'a'), build(2, 'b')], graph({ a: '', b: '' })), [
    'start a on ours for 1',
    'start b on ours for 2',
    'wake at 110',
  ]);
});

test('a step that is taken back waits for the input that it turned out to need', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ours');
  farm.queue([build(1, 'long'), build(2, 'next')], graph({ long: '', next: '' }));
  farm.queue([], graph({ next: 'lib', lib: '' }));
  farm.pass(10);
  assert.equal(farm.state('next'), 'waiting');
});

test('what waits at a builder for a slot is told apart from what it builds, until it has begun', () => {
  const farm = new Scenario();
  briskBuilder(farm, 'ant');
  const steps = graph({ a: '', b: '' });
  const builds = steps.map(({ derivation: top }, index) => build(index + 1, top));
  farm.queue(builds, steps);
  const reasons = (): Record<string, string> =>
    Object.fromEntries([...farm.farm.survey.queue()].map((step) => [step.derivation, step.reason]));
  assert.deepEqual(reasons(), { a: 'builder', b: 'ahead' });
  assert.deepEqual(farm.farm.view.whyWaiting(derivation('b')), {
    type: 'ahead',
    builder: 'ant',
    attempt: 5,
  });
  farm.succeed('a');
  assert.deepEqual(reasons(), { b: 'builder' });
});
