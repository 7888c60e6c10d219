import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, builderFacts, graph, Scenario, step } from '../testing/scenario.ts';
import { builderId } from '../identity.ts';

test('a build of two steps is built from below', () => {
  const farm = new Scenario();
  assert.deepEqual(farm.join('ant'), []);
  assert.deepEqual(farm.queue(build(1, 'app'), graph({ app: 'lib', lib: '' })), [
    'start lib on ant for 1',
  ]);
  assert.deepEqual(farm.succeed('lib'), ['lib succeeded', 'start app on ant for 1']);
  assert.deepEqual(farm.succeed('app'), ['app succeeded', 'build 1 succeeded']);
  assert.deepEqual(farm.farm.view.counts(), {
    builds: 0,
    steps: 0,
    waiting: 0,
    runnable: 0,
    leased: 0,
    backingOff: 0,
  });
});

test('a step that several need is built once', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 4 });
  const diamond = graph({ app: 'left right', left: 'base', right: 'base', base: '' });
  assert.deepEqual(farm.queue(build(1, 'app'), diamond), ['start base on ant for 1']);
  assert.deepEqual(farm.succeed('base'), [
    'base succeeded',
    'start left on ant for 1',
    'start right on ant for 1',
  ]);
  assert.deepEqual(farm.succeed('left'), ['left succeeded']);
  assert.deepEqual(farm.succeed('right'), ['right succeeded', 'start app on ant for 1']);
});

test('a builder gets no work until its first ping', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const facts = builderFacts('ant');
  assert.deepEqual(farm.apply({ type: 'builder-joined', builder: builderId('ant'), facts }), []);
  assert.deepEqual(farm.ping('ant'), ['start app on ant for 1']);
});

test('a builder gets work as long as its free space is not below its thresholds', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.apply({ type: 'builder-joined', builder: builderId('ant'), facts: builderFacts('ant') });
  const low = { buildDirectoryFreePercent: 9.9, storeFreePercent: 50 };
  assert.deepEqual(farm.ping('ant', low), []);
  assert.deepEqual(farm.ping('ant', { buildDirectoryFreePercent: 50, storeFreePercent: 9.9 }), []);
  const enough = { buildDirectoryFreePercent: 10, storeFreePercent: 10 };
  assert.deepEqual(farm.ping('ant', enough), ['start app on ant for 1']);
});

test('a builder that runs out of space keeps what it has', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 2 });
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.ping('ant', { buildDirectoryFreePercent: 0, storeFreePercent: 0 }), []);
  assert.deepEqual(farm.queue(build(2, 'tool'), graph({ tool: '' })), []);
  assert.deepEqual(farm.succeed('app'), ['app succeeded', 'build 1 succeeded']);
  assert.deepEqual(farm.ping('ant'), ['start tool on ant for 2']);
});

test('work spreads over the builders by their slots, the faster one first', () => {
  const farm = new Scenario();
  farm.join('small', { slots: 1 });
  farm.join('large', { slots: 2 });
  farm.join('fast', { slots: 1, speedFactor: 2 });
  const steps = graph({ a: '', b: '', c: '', d: '', e: '' });
  const builds = steps.map(({ derivation }, index) => build(index + 1, derivation));
  assert.deepEqual(farm.queue(builds, steps), [
    'start a on fast for 1',
    'start b on small for 2',
    'start c on large for 3',
    'start d on large for 4',
  ]);
  assert.deepEqual(farm.succeed('c'), [
    'c succeeded',
    'build 3 succeeded',
    'start e on large for 5',
  ]);
});

test('a builder without slots gets nothing, not even ahead', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 0, ahead: 3 });
  assert.deepEqual(farm.queue(build(1, 'app'), graph({ app: '' })), []);
});

test('each step goes to a builder of its system that has its features and asks for no others', () => {
  const farm = new Scenario();
  farm.join('mac', { systems: ['darwin'] });
  farm.join('plain');
  farm.join('big', { supportedFeatures: ['big', 'kvm'], slots: 4 });
  farm.join('only-kvm', { mandatoryFeatures: ['kvm'], slots: 4, speedFactor: 9 });
  const steps = [
    step('huge', '', { requiredFeatures: ['kvm', 'big'] }),
    step('machine', '', { requiredFeatures: ['kvm'] }),
    step('ordinary'),
    step('apple', '', { system: 'darwin' }),
    step('fetch', '', { system: 'builtin' }),
  ];
  const builds = steps.map(({ derivation }, index) => build(index + 1, derivation));
  assert.deepEqual(farm.queue(builds, steps), [
    'start huge on big for 1',
    'start machine on only-kvm for 2',
    'start ordinary on plain for 3',
    'start apple on mac for 4',
    'start fetch on big for 5',
  ]);
});

test('a busy system does not hold back another one', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.join('mac', { systems: ['darwin'] });
  const many = graph(
    Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`s${index}`, ''])),
  );
  farm.queue(
    many.map(({ derivation }, index) => build(index + 1, derivation, { globalPriority: 9 })),
    many,
  );
  const apple = [step('apple', '', { system: 'darwin' })];
  assert.deepEqual(farm.queue(build(99, 'apple'), apple), ['start apple on mac for 99']);
});

test('attempts are numbered upwards from the first number that the farm is given', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const first = farm.attempt('app');
  farm.leave('ant');
  farm.join('bee');
  assert.equal(farm.attempt('app'), first + 1);
});

test('the build whose own derivation it is stands for a step, else one above it', () => {
  const farm = new Scenario();
  farm.queue(
    [build(1, 'app'), build(2, 'lib'), build(3, 'lib')],
    graph({ app: 'lib', lib: 'base', base: '' }),
  );
  assert.deepEqual(farm.join('ant'), ['start base on ant for 2']);
  assert.deepEqual(farm.succeed('base'), ['base succeeded', 'start lib on ant for 2']);
});
