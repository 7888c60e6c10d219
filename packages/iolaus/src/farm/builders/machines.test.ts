import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, graph, Scenario } from '../testing/scenario.ts';

/** So many builds, each of one step of its own. */
function queueMany(farm: Scenario, names: string): string[] {
  const steps = graph(Object.fromEntries(names.split(' ').map((name) => [name, ''])));
  return farm.queue(
    steps.map(({ derivation }, index) => build(index + 1, derivation)),
    steps,
  );
}

/** Two faults in a row: it rests. */
function tire(farm: Scenario): void {
  farm.join('bad', { slots: 2 });
  queueMany(farm, 'a b');
  farm.fail('a', 'import-failed');
  farm.seconds = 1;
  farm.fail('b', 'import-failed');
  farm.seconds = 2;
}

test('a builder that rested gets one step; when that went well, it gets all that it takes', () => {
  const farm = new Scenario();
  tire(farm);
  queueMany(farm, 'a b c d');
  while (farm.farm.view.counts().leased === 0) farm.pass(1);
  assert.equal(farm.farm.view.counts().leased, 1);
  const [canary] = farm.farm.view.attempts();
  assert.equal(closed(farm, 'bad'), 'on-trial');
  farm.succeed(canary?.derivation ?? '');
  assert.equal(farm.farm.view.counts().leased, 2);
});

test('a builder whose host was looked after works at once, and what it had begun before speaks no more against it', () => {
  const farm = new Scenario();
  tire(farm);
  queueMany(farm, 'a b c d e');
  assert.equal(closed(farm, 'bad'), 'paused');
  farm.apply({ type: 'host-pardoned', hostname: 'bad' });
  assert.equal(closed(farm, 'bad'), null);
  assert.equal(farm.farm.view.counts().leased, 2);
  const [bad] = farm.farm.survey.builders();
  assert.deepEqual([bad?.faults, bad?.blames, bad?.onTrial], [0, 0, false]);
  assert.deepEqual(farm.farm.checkPromises(), []);
  farm.apply({ type: 'host-pardoned', hostname: 'unheard-of' });
});

test('a canary that fails sends its builder back to rest, for longer', () => {
  const farm = new Scenario();
  tire(farm);
  queueMany(farm, 'a b c d e f g h');
  const rests = [1, 2, 3].map(() => {
    while (farm.farm.view.counts().leased === 0) farm.pass(1);
    const [canary] = farm.farm.view.attempts();
    farm.fail(canary?.derivation ?? '', 'import-failed');
    const [bad] = farm.farm.survey.builders();
    return (bad?.pausedUntil ?? 0) / 1000 - farm.seconds;
  });
  assert.deepEqual(rests, [180, 540, 1620]);
});

test('what went wrong here and well elsewhere speaks against the builder that had it', () => {
  const farm = new Scenario();
  farm.join('bad', { speedFactor: 9 });
  queueMany(farm, 'a');
  farm.fail('a', 'import-failed');
  farm.join('good');
  assert.deepEqual(farm.pass(60), ['start a on good for 1']);
  assert.deepEqual(farm.succeed('a'), ['a succeeded', 'build 1 succeeded', 'wake at 120']);
  queueMany(farm, 'b');
  assert.equal(closed(farm, 'bad'), 'paused');
});

test('a builder that does not ping gets nothing more, and is lost when it stays silent', () => {
  const farm = new Scenario({ silentBuilderSeconds: 30 });
  farm.join('mute', { slots: 2 });
  queueMany(farm, 'a');
  assert.deepEqual(farm.pass(30), ['wake at 90']);
  assert.equal(closed(farm, 'mute'), 'silent');
  assert.deepEqual(farm.queue(build(9, 'late'), graph({ late: '' })), []);
  assert.deepEqual(farm.pass(60), [
    'dismiss mute',
    'a aborted: the builder was lost',
    'wake at 210',
  ]);
  assert.equal(farm.farm.view.counts().runnable, 2);
});

test('a ping ends the silence', () => {
  const farm = new Scenario({ silentBuilderSeconds: 30 });
  farm.join('ant', { slots: 2 });
  farm.pass(30);
  queueMany(farm, 'a');
  assert.deepEqual(farm.ping('ant'), ['start a on ant for 1', 'wake at 60']);
  farm.seconds += 29;
  farm.ping('ant');
  farm.pass(1);
  assert.equal(closed(farm, 'ant'), null);
});

test('a paused host keeps what it has and gets nothing more until it is released', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 2 });
  queueMany(farm, 'a');
  farm.apply({ type: 'host-held', hostname: 'ant', hold: 'paused', lasts: true });
  assert.deepEqual(farm.queue(build(2, 'b'), graph({ b: '' })), []);
  assert.deepEqual(farm.succeed('a'), ['a succeeded', 'build 1 succeeded']);
  assert.deepEqual(farm.apply({ type: 'host-released', hostname: 'ant' }), [
    'start b on ant for 2',
  ]);
});

test('a held host is held when its builder comes back', () => {
  const farm = new Scenario();
  farm.apply({ type: 'host-held', hostname: 'ant', hold: 'draining', lasts: false });
  farm.join('ant');
  queueMany(farm, 'a');
  assert.equal(closed(farm, 'ant'), 'draining');
  assert.equal(farm.state('a'), 'runnable');
});

function closed(farm: Scenario, name: string): string | null | undefined {
  return [...farm.farm.survey.builders()].find(({ id }) => id === name)?.closed;
}

test('a hold is remembered for the next farm if it is to last, and then until it is released', () => {
  const farm = new Scenario();
  const hold = (hostname: string, lasts: boolean) =>
    farm.apply({ type: 'host-held', hostname, hold: 'paused', lasts });
  hold('ant', true);
  hold('bee', false);
  hold('ant', false);
  farm.apply({ type: 'host-released', hostname: 'bee' });
  assert.deepEqual(farm.memories, ['keep ant paused', 'drop ant', 'drop bee']);
  const next = new Scenario();
  const orders = { emergencies: [], holds: new Map([['ant', 'paused' as const]]) };
  next.apply({ type: 'orders-remembered', orders });
  next.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(next.join('ant'), []);
});
