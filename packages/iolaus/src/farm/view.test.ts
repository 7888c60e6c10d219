import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WhyWaiting } from './explain/why-waiting.ts';
import { build, derivation, graph, Scenario, step } from './testing/scenario.ts';

function why(farm: Scenario, name: string): WhyWaiting | undefined {
  return farm.farm.view.whyWaiting(derivation(name));
}

test('everything that waits says why', () => {
  const farm = new Scenario();
  farm.queue(
    [build(1, 'app'), build(2, 'tool')],
    graph({ app: 'lib base', lib: 'base', base: '', tool: '' }),
  );
  assert.deepEqual(why(farm, 'app'), { type: 'inputs', inputs: ['lib', 'base'] });
  assert.deepEqual(why(farm, 'base'), {
    type: 'capable-builder',
    system: 'linux',
    requiredFeatures: [],
    failsAt: 120_000,
  });
  farm.join('ant', { storeThreshold: 60 });
  assert.deepEqual(why(farm, 'base'), {
    type: 'open-builder',
    builders: [{ hostname: 'ant', reason: 'store-full' }],
  });
  farm.join('bee');
  assert.deepEqual(why(farm, 'base'), {
    type: 'builder',
    builder: 'bee',
    attempt: 1,
  });
  assert.deepEqual(why(farm, 'tool'), { type: 'free-slot', builders: 1, since: 0 });
  farm.fail('base', 'upload-failed');
  assert.deepEqual(why(farm, 'base'), { type: 'back-off', until: 60_000, tries: 1, losses: 0 });
  assert.equal(why(farm, 'unknown'), undefined);
});

test('a step shows its state, what it lacks and which builds need it', () => {
  const farm = new Scenario();
  farm.queue(
    [build(2, 'app'), build(1, 'lib'), build(3, 'other')],
    graph({ app: 'lib', lib: 'base', base: '', other: '' }),
  );
  assert.deepEqual(farm.farm.view.step(derivation('lib')), {
    derivation: 'lib',
    state: { type: 'waiting' },
    tries: 0,
    losses: 0,
    inputs: ['base'],
    builds: [1, 2],
  });
  assert.equal(farm.farm.view.step(derivation('unknown')), undefined);
});

test('counts, builds and attempts are what there is', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue([build(1, 'app'), build(2, 'tool')], graph({ app: 'lib', lib: '', tool: '' }));
  const { view } = farm.farm;
  assert.deepEqual(view.counts(), {
    builds: 2,
    steps: 3,
    waiting: 1,
    runnable: 1,
    leased: 1,
    backingOff: 0,
  });
  assert.deepEqual(
    [...view.unfinishedBuilds()],
    [
      { id: 1, derivation: 'app' },
      { id: 2, derivation: 'tool' },
    ],
  );
  assert.deepEqual(
    [...view.attempts()],
    [{ attempt: 1, derivation: 'lib', builder: 'ant', build: 1, startedAt: 0 }],
  );
  assert.equal(view.changes().get('dispatched'), 1);
});

test('runnable steps of all systems come in one order, as many as are wanted', () => {
  const farm = new Scenario();
  const steps = [
    step('a'),
    step('b', '', { system: 'darwin' }),
    step('c'),
    step('d', '', { system: 'darwin' }),
  ];
  farm.queue(
    steps.map(({ derivation: path }, index) => build(9 - index, path)),
    steps,
  );
  const names = (limit: number) =>
    [...farm.farm.view.runnable(limit)].map((next) => next.derivation);
  assert.deepEqual(names(9), ['d', 'c', 'b', 'a']);
  assert.deepEqual(names(2), ['d', 'c']);
  assert.deepEqual(names(0), []);
});
