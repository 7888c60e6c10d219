import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuilderHealth } from '../facts.ts';
import { builderId } from '../identity.ts';
import {
  build,
  builderFacts,
  graph,
  healthy,
  Scenario,
  step,
  storePath,
} from '../testing/scenario.ts';
import { scores } from './score.ts';
import type { CapacityRule } from './policy.ts';

/** How many of eight steps the farm gives to one builder of two slots, health unknown but for what is said. */
function takenBy(capacity: CapacityRule, health: Partial<BuilderHealth>, options = {}): number {
  const farm = new Scenario({ capacity });
  const steps = graph(
    Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`s${index}`, ''])),
  );
  farm.queue(
    steps.map(({ derivation }, index) => build(index + 1, derivation)),
    steps,
  );
  const facts = builderFacts('ant', { slots: 2, ...options });
  farm.apply({ type: 'builder-joined', builder: builderId('ant'), facts });
  farm.ping('ant', { ...healthy, ...health });
  return [...farm.farm.view.attempts()].length;
}

test("Hydra's scores multiply in single precision, and count bogomips from one on", () => {
  const facts = builderFacts('ant', { speedFactor: 1.1, cpuCount: 3, bogomips: 0.2 });
  assert.equal(scores.SpeedFactorOnly(facts), Math.fround(1.1));
  assert.equal(scores.CpuCoreCountWithSpeedFactor(facts), Math.fround(Math.fround(1.1) * 3));
  assert.equal(scores.BogomipsWithSpeedFactor(facts), Math.fround(Math.fround(1.1) * 3));
  const fast = builderFacts('bee', { speedFactor: 2, cpuCount: 3, bogomips: 5000 });
  assert.equal(scores.BogomipsWithSpeedFactor(fast), 30_000);
});

test("in Hydra's orders the best machine is filled first, in ours work spreads", () => {
  const machines = { best: { slots: 2, speedFactor: 2 }, other: { slots: 2, speedFactor: 1 } };
  const startsWith = (farm: Scenario): string[] => {
    for (const [name, options] of Object.entries(machines)) farm.join(name, options);
    const steps = graph({ a: '', b: '', c: '' });
    return farm.queue(
      steps.map(({ derivation }, index) => build(index + 1, derivation)),
      steps,
    );
  };
  const hydra = startsWith(new Scenario({ machineOrder: 'SpeedFactorOnly' }));
  assert.deepEqual(hydra, [
    'start a on best for 1',
    'start b on best for 2',
    'start c on other for 3',
  ]);
  const ours = startsWith(new Scenario());
  assert.deepEqual(ours, [
    'start a on best for 1',
    'start b on other for 2',
    'start c on best for 3',
  ]);
});

test('the static rule counts slots and asks for no load', () => {
  assert.equal(takenBy('Static', { cpuPressure: 99, load1: 99 }), 2);
});

test('the dynamic rule asks pressure where it is known, else the load, and counts no slots', () => {
  assert.equal(takenBy('Dynamic', { cpuPressure: 75, load1: 99 }), 8);
  assert.equal(takenBy('Dynamic', { cpuPressure: 75.1, load1: 0 }), 0);
  assert.equal(takenBy('Dynamic', { cpuPressure: 1, memoryPressure: 80.1 }), 0);
  assert.equal(takenBy('Dynamic', { cpuPressure: 1, ioPressure: 99 }), 8);
  assert.equal(
    takenBy('Dynamic', { cpuPressure: 1, ioPressure: 51 }, { ioPressureThreshold: 50 }),
    0,
  );
  assert.equal(takenBy('Dynamic', { load1: 8 }), 8);
  assert.equal(takenBy('Dynamic', { load1: 8.1, memoryPressure: 0 }), 0);
});

test('the third rule is both', () => {
  assert.equal(takenBy('DynamicWithMaxJobLimit', { cpuPressure: 10 }), 2);
  assert.equal(takenBy('DynamicWithMaxJobLimit', { cpuPressure: 90 }), 0);
});

test('a machine takes no more than what its steps need at once, but always one', () => {
  const farm = new Scenario();
  const heavy = { name: 'heavy', system: 'linux', seconds: 9, peakMemoryBytes: 6e9, cores: 1 };
  farm.apply({ type: 'history-told', uses: Array.from({ length: 9 }, () => heavy) });
  farm.join('ant', { slots: 4, cpuCount: 8, memoryBytes: 14e9 });
  const steps = [step('heavy-1'), step('heavy-2'), step('heavy-3')];
  const builds = steps.map(({ derivation }, index) => build(index + 1, derivation));
  assert.equal(farm.queue(builds, steps).length, 2);
  assert.deepEqual(farm.farm.view.counts().leased, 2);
});

test('a step goes to the machine that has its heavy inputs, if there is a slot', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: 'lib', lib: '' }));
  farm.join('bee', { speedFactor: 9 });
  const path = storePath('lib-out');
  const outputs = new Map([['out', { path, narSize: 10 ** 9, closureSize: 1 }]]);
  const nothing = { failedMarker: false, releaseName: null, products: [], metrics: [] };
  assert.deepEqual(farm.succeed('lib', { outputs, ...nothing }), [
    'lib succeeded',
    'start app on ant for 1',
  ]);
});

test('a step that prefers to be built locally stays with the store of the runner, if there is a slot', () => {
  const farm = new Scenario();
  farm.join('fast', { speedFactor: 9 });
  farm.join('local', { sharesStore: true });
  const script = { ...step('script'), wishes: { prefersLocal: true } };
  assert.deepEqual(farm.queue(build(1, 'script'), [script]), ['start script on local for 1']);
  const other = { ...step('other'), wishes: { prefersLocal: true } };
  assert.deepEqual(farm.queue(build(2, 'other'), [other]), ['start other on fast for 2']);
});

test('a change of the rules holds from the next step on', () => {
  const farm = new Scenario({ capacity: 'Dynamic' });
  farm.join('ant', { slots: 1 });
  const steps = graph({ a: '', b: '', c: '' });
  farm.queue([build(1, 'a'), build(2, 'b')], steps);
  assert.equal(farm.farm.view.counts().leased, 2);
  const settings = { ...farm.settings, capacity: 'Static' } as const;
  assert.deepEqual(farm.apply({ type: 'settings-changed', settings }), ['wake at 10']);
  assert.deepEqual(farm.queue(build(3, 'c'), steps), []);
});
