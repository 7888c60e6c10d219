import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptNumber, builderId, instant, jobsetId } from '../identity.ts';
import { nonsense } from '../testing/nonsense.ts';
import { build, derivation, graph, resultOf, Scenario, step, times } from '../testing/scenario.ts';

test('steps that would need each other are refused, and none of them is taken in', () => {
  const farm = new Scenario();
  const circle = graph({ app: 'lib', lib: 'tool', tool: 'lib' });
  assert.deepEqual(farm.queue(build(1, 'app'), circle), []);
  assert.deepEqual(farm.refusals, ['circle: lib would need itself']);
  assert.equal(farm.farm.view.counts().steps, 0);
});

test('a circle that closes through known steps is refused', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: 'lib', lib: 'tool', tool: '' }));
  farm.queue(build(2, 'tool'), graph({ tool: 'app' }));
  assert.deepEqual(farm.refusals, ['circle: tool would need itself']);
  assert.deepEqual(farm.join('ant'), ['start tool on ant for 1']);
});

test('steps that meet again further down are in no circle', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: 'a b', a: 'lib', b: 'lib', lib: '' }));
  assert.deepEqual(farm.refusals, []);
});

test('each refusal is counted under its reason', () => {
  const farm = new Scenario();
  for (const event of nonsense(step('app'))) farm.apply(event);
  const counts = Object.fromEntries(farm.farm.view.refusals());
  assert.deepEqual(counts, {
    circle: 1,
    'no-system': 1,
    'malformed-feature': 1,
    'absurd-number': 4,
    'unknown-build': 2,
    'unknown-builder': 2,
    'unknown-attempt': 5,
    'unknown-step': 1,
  });
});

test('an id that is in use for something else is refused', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: '', other: '' }));
  farm.queue(build(1, 'other'), graph({ other: '' }));
  farm.queue(build(1, 'app', { jobset: jobsetId(2) }), []);
  farm.queue(build(2, 'app'), [step('app', '', { system: 'darwin' })]);
  assert.deepEqual(farm.refusals, [
    'id-reused: build 1 is app, and not other',
    'id-reused: build 1 is app, and not app',
    'id-reused: app is for linux, and not for darwin',
  ]);
});

test('a late report is told from one about what never was', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const attempt = farm.attempt('app');
  farm.succeed('app');
  const result = resultOf(step('app'));
  farm.apply({ type: 'attempt-succeeded', attempt, result, times });
  farm.apply({ type: 'attempt-succeeded', attempt: attemptNumber(attempt + 1), result, times });
  assert.deepEqual(farm.refusals, [
    'attempt-over: attempt 1 is over',
    'unknown-attempt: there never was an attempt 2',
  ]);
});

test('absurd times leave the attempt as it was', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  for (const buildMilliseconds of [-1, NaN, Infinity]) {
    farm.apply({
      type: 'attempt-succeeded',
      attempt: farm.attempt('app'),
      result: resultOf(step('app')),
      times: { ...times, buildMilliseconds },
    });
  }
  assert.equal(farm.refusals.length, 3);
  assert.equal(farm.state('app'), 'leased');
});

test('so does what no machine can have used', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const [attempt, result] = [farm.attempt('app'), resultOf(step('app'))];
  for (const use of [
    { cpuMilliseconds: -1, peakMemoryBytes: null },
    { cpuMilliseconds: null, peakMemoryBytes: Infinity },
  ]) {
    farm.apply({ type: 'attempt-succeeded', attempt, result, times, use });
  }
  assert.deepEqual(farm.refusals, [
    'absurd-number: the processor time cannot be -0.001',
    'absurd-number: the peak of memory in gigabytes cannot be Infinity',
  ]);
  assert.equal(farm.state('app'), 'leased');
});

test('waits without end, and what is less than nothing, are refused', () => {
  const farm = new Scenario();
  const ant = builderId('ant');
  farm.join('ant');
  const [never, nowhere] = [instant(Infinity), instant(NaN)];
  const plan = { tries: 1, losses: 0, restsUntil: instant(5) };
  for (const retryPlan of [
    { ...plan, restsUntil: never },
    { ...plan, tries: -1 },
  ])
    farm.queue(build(1, 'app'), [{ ...step('app'), retryPlan }]);
  farm.queue(build(1, 'app'), [{ ...step('app'), wishes: { memoryBytes: -1e9 } }]);
  farm.apply({ type: 'builder-away', builder: ant, until: nowhere });
  farm.ping('ant', { buildDirectoryFreePercent: NaN, storeFreePercent: 50 });
  assert.deepEqual(farm.refusals, [
    'absurd-number: the rest cannot be Infinity',
    'absurd-number: the number of tries cannot be -1',
    'absurd-number: the memory in gigabytes that app asks for cannot be -1',
    'absurd-number: the absence cannot be NaN',
    'absurd-number: the free part of the build directory cannot be NaN',
  ]);
  assert.equal(farm.farm.view.counts().steps, 0);
});

test('a clock that goes back, or shows no time at all, is counted and does not count', () => {
  const farm = new Scenario();
  farm.seconds = 100;
  farm.queue(build(1, 'app'), graph({ app: '' }));
  for (const now of [5, NaN]) {
    farm.farm.apply({ type: 'time-came' }, instant(now));
    assert.deepEqual(farm.farm.checkPromises(), []);
  }
  assert.equal(farm.farm.view.refusals().get('clock-went-back'), 2);
  assert.equal(farm.farm.view.step(derivation('app'))?.state.type, 'runnable');
});
