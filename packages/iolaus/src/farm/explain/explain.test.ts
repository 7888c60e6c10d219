import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, derivation, graph, Scenario, step } from '../testing/scenario.ts';

const machinesOf = (farm: Scenario, name: string) =>
  farm.farm.view
    .explain(derivation(name))
    ?.machines.map(({ hostname, reason }) => `${hostname}: ${reason}`);

/** Seconds from and to; null: nobody knows. */
function spans(
  farm: Scenario,
  name: string,
): { starts: (number | null)[]; ends: (number | null)[] } {
  const explained = farm.farm.view.explain(derivation(name));
  assert.ok(explained);
  const { starts, ends } = explained;
  const seconds = (at: number | null) => (at === null ? null : at / 1000);
  return {
    starts: [seconds(starts.earliest), seconds(starts.latest)],
    ends: [seconds(ends.earliest), seconds(ends.latest)],
  };
}

test('each machine that could take the step tells why it does not', () => {
  const farm = new Scenario();
  farm.join('busy');
  farm.join('full-disk');
  farm.ping('full-disk', { buildDirectoryFreePercent: 50, storeFreePercent: 1 });
  farm.join('other', { systems: ['darwin'] });
  farm.queue([build(1, 'a'), build(2, 'b')], graph({ a: '', b: '' }));
  farm.apply({ type: 'host-held', hostname: 'held', hold: 'paused', lasts: true });
  farm.join('held');
  assert.deepEqual(machinesOf(farm, 'b'), [
    'busy: full',
    'full-disk: store-full',
    'held: paused-by-hand',
  ]);
});

test('a machine where the step went wrong is told from one that is full', () => {
  const farm = new Scenario();
  farm.join('bad', { speedFactor: 9 });
  farm.join('good');
  farm.queue([build(1, 'app'), build(2, 'long')], graph({ app: '', long: '' }));
  farm.fail('app', 'upload-failed');
  farm.pass(60);
  assert.deepEqual(machinesOf(farm, 'app'), ['bad: it-went-wrong-there', 'good: full']);
});

test('a machine with a free slot, but no memory for another step, is told from one that is full', () => {
  const farm = new Scenario();
  const heavy = { name: 'heavy', system: 'linux', seconds: 9, peakMemoryBytes: 6e9, cores: 1 };
  farm.apply({ type: 'history-told', uses: Array.from({ length: 9 }, () => heavy) });
  farm.join('ant', { slots: 2, cpuCount: 8, memoryBytes: 5e9 });
  const steps = [step('heavy-1'), step('heavy-2')];
  farm.queue(
    steps.map(({ derivation: path }, index) => build(index + 1, path)),
    steps,
  );
  assert.deepEqual(machinesOf(farm, 'heavy-2'), ['ant: no-room']);
});

test('a runnable step knows its place', () => {
  const farm = new Scenario();
  farm.queue([build(1, 'a'), build(2, 'b'), build(3, 'c')], graph({ a: '', b: '', c: '' }));
  const places = ['a', 'b', 'c'].map((name) => farm.farm.view.explain(derivation(name))?.place);
  assert.deepEqual(places, [1, 2, 3]);
});

test('what is known of a package narrows down when its step will end', () => {
  const farm = new Scenario();
  const uses = [{ name: 'app', system: 'linux', seconds: 100 }];
  farm.apply({ type: 'history-told', uses });
  farm.join('ant');
  farm.queue([build(1, 'app'), build(2, 'new')], [step('app'), step('new')]);
  assert.equal(farm.state('app'), 'leased');
  const { starts, ends } = spans(farm, 'app');
  assert.deepEqual(starts, [0, 0]);
  const [from, to] = ends;
  assert.ok(from !== null && from !== undefined && to !== null && to !== undefined);
  assert.ok(from > 50 && from < 100 && to > 100 && to < 200);
  const next = spans(farm, 'new');
  assert.equal(next.starts[0], from);
  assert.equal(next.starts[1], to);
});

test('a step with inputs starts no sooner than the longest chain below it can be built', () => {
  const farm = new Scenario();
  const uses = ['a', 'b', 'c'].map((name) => ({ name, system: 'linux', seconds: 150 }));
  farm.apply({ type: 'history-told', uses });
  farm.join('ant', { slots: 3 });
  farm.queue(build(1, 'd'), graph({ d: 'c a', c: 'b', b: 'a', a: '' }));
  const [earliest, latest] = spans(farm, 'd').starts;
  assert.ok(earliest !== null && earliest !== undefined && earliest > 200);
  assert.ok(latest !== null && latest !== undefined && latest > earliest);
});

test('nobody says when a step will start that no machine can build, or when one that overran will end', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(spans(farm, 'app').starts, [0, null]);
  farm.join('ant');
  farm.seconds = 100_000;
  farm.ping('ant');
  assert.deepEqual(spans(farm, 'app').ends, [100_000, null]);
});

test('a build is explained by its own step', () => {
  const farm = new Scenario();
  const facts = build(1, 'app');
  farm.queue(facts, graph({ app: '' }));
  assert.equal(farm.farm.view.explainBuild(facts.id)?.derivation, 'app');
  farm.withdraw(1);
  assert.equal(farm.farm.view.explainBuild(facts.id), undefined);
});
