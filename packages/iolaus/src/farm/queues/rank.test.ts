import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildFacts } from '../facts.ts';
import { buildId, jobsetId } from '../identity.ts';
import { build, graph, Scenario, step } from '../testing/scenario.ts';

/** Hydra's oldest order. */
const legacy = { selection: 'Legacy' } as const;

/** The order in which single-step builds are given out, one at a time. */
function orderOf(farm: Scenario, builds: readonly BuildFacts[]): string[] {
  farm.queue(
    builds,
    builds.map(({ derivation }) => step(derivation)),
  );
  const planned = [...farm.farm.view.runnable(builds.length)].map(({ derivation }) => derivation);
  const started: string[] = [];
  farm.join('ant');
  for (const next of planned) {
    const [running] = farm.farm.view.attempts();
    if (running !== undefined) started.push(running.derivation);
    farm.succeed(next);
  }
  assert.deepEqual(started, planned);
  return started;
}

test('the highest global priority comes first, then the highest local one, then the lowest build', () => {
  const order = orderOf(new Scenario(legacy), [
    build(1, 'local', { localPriority: 200 }),
    build(2, 'last'),
    build(3, 'bumped', { globalPriority: 1, localPriority: 1 }),
    build(0, 'oldest'),
  ]);
  assert.deepEqual(order, ['bumped', 'local', 'oldest', 'last']);
});

test('the jobset that has used less of its share comes before local priorities', () => {
  const farm = new Scenario(legacy);
  const seen = { type: 'jobset-seen', usedSeconds: 1000 } as const;
  farm.apply({ ...seen, jobset: jobsetId(1), shares: 10 });
  farm.apply({ ...seen, jobset: jobsetId(2), shares: 20 });
  const order = orderOf(farm, [
    build(1, 'greedy', { jobset: jobsetId(1), localPriority: 900 }),
    build(2, 'modest', { jobset: jobsetId(2) }),
  ]);
  assert.deepEqual(order, ['modest', 'greedy']);
});

test('a step of several jobsets counts for the one that has used the least', () => {
  const farm = new Scenario(legacy);
  const seen = { type: 'jobset-seen', shares: 1 } as const;
  farm.apply({ ...seen, jobset: jobsetId(1), usedSeconds: 500 });
  farm.apply({ ...seen, jobset: jobsetId(2), usedSeconds: 100 });
  farm.queue(
    [
      build(1, 'mine', { jobset: jobsetId(1) }),
      build(2, 'both', { jobset: jobsetId(1) }),
      build(3, 'both', { jobset: jobsetId(2) }),
    ],
    graph({ mine: '', both: '' }),
  );
  assert.deepEqual(farm.join('ant'), ['start both on ant for 2']);
});

test('a step has the highest priorities of all builds above it', () => {
  const farm = new Scenario(legacy);
  farm.queue(
    [build(1, 'first'), build(2, 'app'), build(3, 'urgent', { globalPriority: 5 })],
    graph({ first: '', app: 'lib', urgent: 'lib', lib: '' }),
  );
  assert.deepEqual(farm.join('ant'), ['start lib on ant for 2']);
});

test('all of a diamond has the priorities of its top', () => {
  const farm = new Scenario(legacy);
  farm.queue(
    [build(1, 'first'), build(2, 'top', { globalPriority: 5 })],
    graph({ first: '', top: 'left right', left: 'bottom', right: 'bottom', bottom: '' }),
  );
  assert.deepEqual(farm.join('ant'), ['start bottom on ant for 2']);
  for (const [step, next] of [
    ['bottom', 'left'],
    ['left', 'right'],
    ['right', 'top'],
  ] as const)
    assert.ok(farm.succeed(step).includes(`start ${next} on ant for 2`), next);
});

test('a build that is bumped goes ahead at once, and back when it is bumped down', () => {
  const farm = new Scenario(legacy);
  farm.queue([build(1, 'a'), build(2, 'b')], graph({ a: '', b: 'lib', lib: '' }));
  const runnable = () => [...farm.farm.view.runnable(9)].map(({ derivation }) => derivation);
  const bump = (globalPriority: number) =>
    farm.apply({ type: 'build-reprioritised', build: buildId(2), globalPriority });
  assert.deepEqual(runnable(), ['a', 'lib']);
  bump(7);
  assert.deepEqual(runnable(), ['lib', 'a']);
  bump(0);
  assert.deepEqual(runnable(), ['a', 'lib']);
});

test('a step falls back when the build that made it urgent is withdrawn', () => {
  const farm = new Scenario(legacy);
  farm.queue(
    [build(1, 'a'), build(2, 'lib'), build(3, 'b', { globalPriority: 9 })],
    graph({ a: '', b: 'lib', lib: '' }),
  );
  farm.withdraw(3);
  assert.deepEqual(farm.join('ant'), ['start a on ant for 1']);
});

test('a jobset is charged while its steps run', () => {
  const farm = new Scenario(legacy);
  const [mine, yours] = [jobsetId(1), jobsetId(2)];
  farm.join('ant');
  farm.join('bee');
  farm.queue(
    [build(1, 'long', { jobset: mine }), build(2, 'short', { jobset: yours })],
    graph({ long: '', short: '' }),
  );
  farm.seconds = 10;
  farm.succeed('short');
  farm.seconds = 100;
  const more = [build(3, 'a', { jobset: mine }), build(4, 'b', { jobset: yours })];
  assert.deepEqual(farm.queue(more, graph({ a: '', b: '' })), ['start b on bee for 4']);
});

test('what a jobset used before is counted once, however often its shares change', () => {
  const farm = new Scenario(legacy);
  const [mine, yours] = [jobsetId(1), jobsetId(2)];
  const seen = { type: 'jobset-seen', shares: 10 } as const;
  for (const usedSeconds of [60, 60]) farm.apply({ ...seen, jobset: mine, usedSeconds });
  farm.apply({ ...seen, jobset: yours, usedSeconds: 100 });
  farm.queue(
    [build(1, 'a', { jobset: yours }), build(2, 'b', { jobset: mine })],
    graph({ a: '', b: '' }),
  );
  assert.deepEqual(farm.join('ant'), ['start b on ant for 2']);
});

test('a jobset is charged for steps that have ended', () => {
  const farm = new Scenario(legacy);
  const [mine, yours] = [jobsetId(1), jobsetId(2)];
  farm.join('ant', { slots: 1 });
  farm.queue(build(1, 'a', { jobset: mine }), graph({ a: '' }));
  farm.seconds = 100;
  const more = ['b', 'c', 'd', 'e'].map((name, index) =>
    build(index + 2, name, { jobset: index % 2 === 0 ? mine : yours }),
  );
  farm.queue(more, graph({ b: '', c: '', d: '', e: '' }));
  assert.equal(farm.succeed('a').at(-1), 'start c on ant for 3');
  farm.seconds = 150;
  assert.equal(farm.succeed('c').at(-1), 'start e on ant for 5');
  farm.seconds = 250;
  assert.equal(farm.succeed('e').at(-1), 'start b on ant for 2');
});

test('an attempt that several jobsets need is charged to each in part', () => {
  const farm = new Scenario(legacy);
  farm.join('ant');
  const [mine, yours, theirs] = [jobsetId(1), jobsetId(2), jobsetId(3)];
  farm.queue([build(1, 'a', { jobset: mine }), build(2, 'a', { jobset: yours })], graph({ a: '' }));
  farm.apply({ type: 'jobset-seen', jobset: theirs, shares: 100, usedSeconds: 60 });
  farm.seconds = 100;
  farm.queue(
    [build(3, 'b', { jobset: theirs }), build(4, 'c', { jobset: mine })],
    graph({ b: '', c: '' }),
  );
  assert.equal(farm.succeed('a').at(-1), 'start c on ant for 4');
});

test('what was used a day ago does not count', () => {
  const farm = new Scenario(legacy);
  const [mine, yours] = [jobsetId(1), jobsetId(2)];
  farm.apply({ type: 'jobset-seen', jobset: mine, shares: 100, usedSeconds: 5000 });
  farm.seconds = 24 * 3600 - 1;
  farm.apply({ type: 'jobset-seen', jobset: yours, shares: 100, usedSeconds: 10 });
  farm.queue(
    [build(1, 'a', { jobset: mine }), build(2, 'b', { jobset: yours })],
    graph({ a: '', b: '' }),
  );
  const first = () => [...farm.farm.view.runnable(1)][0]?.derivation;
  assert.equal(first(), 'b');
  farm.pass(1);
  assert.equal(first(), 'a');
});
