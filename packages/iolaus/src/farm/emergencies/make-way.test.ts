import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Emergency } from './emergency-priority.ts';
import { buildId, builderId, evaluationId } from '../identity.ts';
import { build, graph, healthy, Scenario } from '../testing/scenario.ts';

const fix = (preempts: boolean): Emergency => ({
  subject: { type: 'evaluation', evaluation: evaluationId(7) },
  preempts,
});

const declare = (farm: Scenario, preempts: boolean) =>
  farm.apply({ type: 'emergency-declared', emergency: fix(preempts) });

const queueFix = (farm: Scenario) =>
  farm.queue(build(9, 'fix', { evaluation: evaluationId(7) }), graph({ fix: 'lib', lib: '' }));

test('an emergency goes before every priority, with all that it needs', () => {
  const farm = new Scenario();
  farm.queue(build(1, 'app', { globalPriority: 2 ** 31 - 1 }), graph({ app: '' }));
  queueFix(farm);
  declare(farm, false);
  assert.deepEqual(farm.join('ant'), ['start lib on ant for 9']);
  assert.equal(farm.succeed('lib').at(-1), 'start fix on ant for 9');
});

test('builds that are queued after it was declared belong to it, also by an earlier farm', () => {
  const farm = new Scenario();
  const orders = { emergencies: [fix(false)], holds: new Map() };
  farm.apply({ type: 'orders-remembered', orders });
  farm.queue(build(1, 'app', { globalPriority: 5 }), graph({ app: '' }));
  queueFix(farm);
  assert.deepEqual(farm.join('ant'), ['start lib on ant for 9']);
});

test('an emergency waits for what is under way unless it may pre-empt', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  queueFix(farm);
  assert.deepEqual(declare(farm, false), []);
  assert.deepEqual(declare(farm, true), [
    'stop app on ant',
    'app aborted: made way for an emergency',
    'start lib on ant for 9',
  ]);
  assert.equal(farm.farm.survey.triesOf(build(1, 'app').derivation), 0);
  farm.succeed('lib');
  assert.deepEqual(farm.succeed('fix'), [
    'fix succeeded',
    'build 9 succeeded',
    'start app on ant for 1',
  ]);
});

test('what lost least makes way, and no other emergency', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 2 });
  farm.queue(build(1, 'old'), graph({ old: '' }));
  farm.seconds = 10;
  farm.queue(build(2, 'young'), graph({ young: '' }));
  farm.apply({ type: 'orders-remembered', orders: { emergencies: [fix(true)], holds: new Map() } });
  assert.equal(queueFix(farm)[0], 'stop young on ant');
  const [first] = graph({ more: '' });
  assert.ok(first);
  const more = build(10, 'more', { evaluation: evaluationId(7) });
  assert.equal(farm.queue(more, [first])[0], 'stop old on ant');
  const most = build(11, 'most', { evaluation: evaluationId(7) });
  assert.deepEqual(farm.queue(most, graph({ most: '' })), []);
});

test('an emergency that is over leaves its builds as urgent as they were', () => {
  const farm = new Scenario();
  queueFix(farm);
  farm.queue(build(1, 'app', { globalPriority: 5 }), graph({ app: '' }));
  declare(farm, true);
  farm.apply({ type: 'emergency-ended', subject: fix(true).subject });
  assert.deepEqual(farm.join('ant'), ['start app on ant for 1']);
});

test('an emergency of what is not there is refused', () => {
  const farm = new Scenario();
  const subject = { type: 'build', build: buildId(3) } as const;
  farm.apply({ type: 'emergency-declared', emergency: { subject, preempts: true } });
  declare(farm, true);
  assert.deepEqual(farm.refusals, [
    'unknown-build: there is no unfinished build 3',
    'unknown-evaluation: no unfinished build belongs to evaluation 7',
  ]);
});

test('as many attempts are stopped as it takes, on the builder where the least is lost', () => {
  const farm = new Scenario();
  const queueOne = (id: number, name: string) => farm.queue(build(id, name), graph({ [name]: '' }));
  farm.join('wide', { slots: 2 });
  queueOne(1, 'a');
  farm.seconds = 1;
  queueOne(2, 'b');
  farm.goAway('wide', 60);
  farm.comeBack('wide', [farm.attempt('a'), farm.attempt('b')], { slots: 1 });
  queueOne(3, 'fix');
  const declareFix = (id: number) =>
    farm.apply({
      type: 'emergency-declared',
      emergency: { subject: { type: 'build', build: buildId(id) }, preempts: true },
    });
  assert.deepEqual(declareFix(3), [
    'stop b on wide',
    'b aborted: made way for an emergency',
    'stop a on wide',
    'a aborted: made way for an emergency',
    'start fix on wide for 3',
  ]);
});

test('nothing is stopped in vain', () => {
  const farm = new Scenario({ capacity: 'Dynamic' });
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  queueFix(farm);
  farm.farm.checkPromises();
  const pressed = { ...healthy, cpuPressure: 99 };
  farm.apply({ type: 'builder-pinged', builder: builderId('ant'), health: pressed });
  farm.queue(build(8, 'other', { evaluation: evaluationId(7) }), graph({ other: '' }));
  assert.deepEqual(declare(farm, true), []);
});

test('an emergency is remembered until it is over', () => {
  const farm = new Scenario();
  queueFix(farm);
  declare(farm, false);
  const subject = { type: 'build', build: buildId(9) } as const;
  farm.apply({ type: 'emergency-declared', emergency: { subject, preempts: false } });
  farm.apply({ type: 'queue-read' });
  farm.withdraw(9);
  farm.apply({ type: 'queue-read' });
  assert.deepEqual(farm.memories, [
    'keep evaluation 7',
    'keep build 9',
    'drop build 9',
    'drop evaluation 7',
  ]);
});

test('the priority that people see is the one that was asked for', () => {
  const farm = new Scenario();
  farm.queue(
    build(9, 'fix', { globalPriority: -3, evaluation: evaluationId(7) }),
    graph({ fix: '' }),
  );
  for (const preempts of [false, true]) {
    declare(farm, preempts);
    const [fixStep] = farm.farm.survey.steps();
    assert.equal(fixStep?.globalPriority, -3);
  }
});
