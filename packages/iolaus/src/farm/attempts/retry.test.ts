import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builderId, instant } from '../identity.ts';
import { build, graph, Scenario, step } from '../testing/scenario.ts';

test('a step whose attempt goes wrong through no fault of its own is tried again later', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.fail('app', 'import-failed', 'no space'), [
    'app aborted: no space',
    'wake at 60',
  ]);
  assert.equal(farm.state('app'), 'backing-off');
  assert.deepEqual(farm.pass(59.999), ['wake at 60']);
  assert.deepEqual(farm.pass(0.001), ['start app on ant for 1']);
});

test('each further back-off is longer, and after the last try the builds end as aborted', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue([build(1, 'lib'), build(2, 'app')], graph({ app: 'lib', lib: '' }));
  const waits: number[] = [];
  for (let tries = 1; tries < 5; tries += 1) {
    farm.apply({ type: 'dispatch-failed', attempt: farm.attempt('lib'), message: 'tunnel broke' });
    const start = farm.seconds;
    while (farm.state('lib') === 'backing-off') farm.pass(1);
    waits.push(farm.seconds - start);
  }
  assert.deepEqual(waits, [60, 180, 540, 1620]);
  const last = {
    type: 'dispatch-failed',
    attempt: farm.attempt('lib'),
    message: 'no more',
  } as const;
  assert.deepEqual(farm.apply(last), [
    'lib aborted: no more',
    'build 1 aborted',
    'row of 2: lib aborted from 1: no more',
    'build 2 aborted',
  ]);
});

test('a step that was on no tunnel goes to another builder at once', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const attempt = farm.attempt('app');
  farm.apply({ type: 'builder-away', builder: builderId('ant'), until: instant(60_000) });
  assert.deepEqual(farm.apply({ type: 'attempt-undelivered', attempt }), [
    'app aborted: the builder was lost',
  ]);
  farm.join('bee');
  assert.equal(farm.state('app'), 'leased');
});

test('the last try of a step whose charged build is gone names no other build', () => {
  const farm = new Scenario({ maxTries: 1 });
  farm.join('ant');
  farm.queue([build(1, 'lib'), build(2, 'app')], graph({ app: 'lib', lib: '' }));
  farm.withdraw(1);
  assert.deepEqual(farm.fail('lib', 'import-failed'), [
    'lib aborted: it broke',
    'row of 2: lib aborted: it broke',
    'build 2 aborted',
  ]);
});

test('what the daemon calls a transient failure is tried again, and has failed after the last try', () => {
  const farm = new Scenario({ maxTries: 2 });
  farm.join('ant');
  farm.queue(build(1, 'source'), graph({ source: '' }));
  assert.deepEqual(farm.fail('source', 'transiently-failed'), [
    'source aborted: it broke',
    'wake at 60',
  ]);
  assert.deepEqual(farm.pass(60), ['start source on ant for 1']);
  assert.deepEqual(farm.fail('source', 'transiently-failed'), [
    'source failed: it broke',
    'build 1 failed',
  ]);
  const [ant] = farm.farm.survey.builders();
  assert.equal(ant?.faults, 0);
});

test('a retry goes to another builder if there is one that can', () => {
  const farm = new Scenario();
  farm.join('fast', { speedFactor: 9 });
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.fail('app', 'upload-failed');
  farm.join('slow');
  assert.deepEqual(farm.pass(60), ['start app on slow for 1']);
});

test('a retry waits for another builder that is busy rather than fail on the same one again', () => {
  const farm = new Scenario();
  farm.join('bad', { speedFactor: 9 });
  farm.join('good');
  farm.queue([build(1, 'app'), build(2, 'long')], graph({ app: '', long: '' }));
  farm.fail('app', 'upload-failed');
  assert.deepEqual(farm.pass(60), []);
  assert.deepEqual(farm.succeed('long'), [
    'long succeeded',
    'build 2 succeeded',
    'start app on good for 1',
  ]);
});

test('a retry goes back to the same builder when the other ones leave or run out of space', () => {
  for (const goes of ['leaves', 'is full']) {
    const farm = new Scenario();
    farm.join('bad', { speedFactor: 9 });
    farm.join('good');
    farm.queue([build(1, 'app'), build(2, 'long')], graph({ app: '', long: '' }));
    farm.fail('app', 'upload-failed');
    farm.pass(60);
    const effects =
      goes === 'leaves'
        ? farm.leave('good')
        : farm.ping('good', { buildDirectoryFreePercent: 0, storeFreePercent: 0 });
    assert.equal(effects.at(-1), 'start app on bad for 1');
  }
});

test('a lost builder is never held against a step: it is runnable at once', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.join('bee');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const lost = 'app aborted: the builder was lost';
  assert.deepEqual(farm.leave('ant'), [lost, 'start app on bee for 1']);
  assert.deepEqual(farm.leave('bee'), [lost, 'wake at 120']);
  assert.deepEqual(farm.join('cat'), ['start app on cat for 1']);
});

test('from the third loss on a step rests longer each time, but never fails', () => {
  const farm = new Scenario({ maxTries: 1 });
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const waits: number[] = [];
  for (let losses = 1; losses <= 9; losses += 1) {
    farm.join(`host-${losses}`);
    const start = farm.seconds;
    while (farm.state('app') !== 'leased') farm.pass(30);
    waits.push(farm.seconds - start);
    farm.leave(`host-${losses}`);
  }
  assert.deepEqual(waits, [0, 0, 0, 60, 180, 540, 1620, 3600, 3600]);
  assert.equal(farm.farm.view.counts().builds, 1);
});

test('a builder that fails one step after the other rests; its success ends the row', () => {
  const farm = new Scenario();
  farm.join('bad');
  const steps = graph({ a: '', b: '', c: '', d: '' });
  farm.queue(
    steps.map(({ derivation }, index) => build(index + 1, derivation)),
    steps,
  );
  assert.deepEqual(farm.fail('a', 'preparing-failed').at(-2), 'start b on bad for 2');
  assert.deepEqual(farm.fail('b', 'preparing-failed'), ['b aborted: it broke']);
  assert.deepEqual(farm.pass(60), ['start a on bad for 1']);
  farm.succeed('a');
  assert.deepEqual(farm.fail('b', 'preparing-failed').at(-2), 'start c on bad for 3');
});

test('faults of attempts that were under way together count once against their builder', () => {
  const farm = new Scenario();
  farm.join('bad', { slots: 3 });
  const steps = graph({ a: '', b: '', c: '', d: '' });
  farm.queue(
    steps.map(({ derivation }, index) => build(index + 1, derivation)),
    steps,
  );
  farm.seconds = 1;
  for (const name of ['a', 'b', 'c']) farm.fail(name, 'import-failed');
  assert.deepEqual(farm.queue(build(9, 'e'), graph({ e: '' })), ['start e on bad for 9']);
});

test('a builder without slots is nobody that a retry could go to', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.join('idle', { slots: 0 });
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.fail('app', 'import-failed');
  assert.deepEqual(farm.pass(60), ['start app on ant for 1']);
});

test('a builder that comes to a verdict works, whatever the verdict', () => {
  const farm = new Scenario();
  farm.join('ant');
  const steps = graph({ a: '', b: '', c: '', d: '' });
  farm.queue(
    steps.map(({ derivation }, index) => build(index + 1, derivation)),
    steps,
  );
  farm.fail('a', 'import-failed');
  farm.fail('b', 'build-failed');
  assert.equal(farm.fail('c', 'import-failed').at(-1), 'start d on ant for 4');
});

test('a builder that leaves while it rests may come back and work', () => {
  const farm = new Scenario();
  farm.join('bad');
  farm.queue([build(1, 'a'), build(2, 'b'), build(3, 'c')], graph({ a: '', b: '', c: '' }));
  farm.fail('a', 'import-failed');
  assert.deepEqual(farm.fail('b', 'import-failed'), ['b aborted: it broke']);
  assert.deepEqual(farm.leave('bad'), []);
  assert.deepEqual(farm.join('bad'), ['start c on bad for 3']);
});

test('a second tunnel under the same name takes the place of the first', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.join('ant'), [
    'app aborted: the builder was lost',
    'start app on ant for 1',
  ]);
});

test('a farm that begins afresh goes on with the rests and the tries of the one before', () => {
  const former = new Scenario();
  former.join('ant');
  former.queue(build(1, 'app'), graph({ app: '' }));
  former.fail('app', 'import-failed');
  const retryPlan = former.plans.get('app');
  assert.deepEqual(retryPlan, { tries: 1, losses: 0, restsUntil: 60_000 });
  const farm = new Scenario();
  farm.seconds = 10;
  farm.join('ant');
  if (retryPlan === undefined) return;
  assert.deepEqual(farm.queue(build(1, 'app'), [{ ...step('app'), retryPlan }]), ['wake at 60']);
  assert.deepEqual(farm.pass(50), ['start app on ant for 1']);
  farm.fail('app', 'import-failed');
  assert.equal(farm.plans.get('app')?.tries, 2);
});

test('a remembered rest goes on after the inputs are built, if it has not passed', () => {
  const farm = new Scenario();
  farm.join('ant');
  const retryPlan = { tries: 1, losses: 0, restsUntil: instant(60_000) };
  farm.queue(build(1, 'app'), [{ ...step('app', 'lib'), retryPlan }, step('lib')]);
  farm.succeed('lib');
  assert.equal(farm.state('app'), 'backing-off');
  assert.deepEqual(farm.pass(60), ['start app on ant for 1']);
});

test('a step that ended is tried anew when it is wanted again', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.fail('app', 'import-failed');
  assert.equal(farm.plans.size, 1);
  farm.withdraw(1);
  assert.equal(farm.plans.size, 0);
});

test('steps that failed together come back one by one, each time at the same times', () => {
  const names = ['aardvark', 'badger', 'cat', 'dog', 'elk'];
  const rests = () => {
    const farm = new Scenario({ retryJitter: 0.1 });
    farm.join('ant', { slots: 5 });
    const steps = names.map((name) => step(name));
    farm.queue(
      names.map((name, index) => build(index + 1, name)),
      steps,
    );
    for (const name of names) farm.fail(name, 'import-failed');
    return names.map((name) => farm.plans.get(name)?.restsUntil ?? 0);
  };
  const once = rests();
  assert.equal(new Set(once).size, names.length);
  assert.ok(once.every((until) => until >= 60_000 && until <= 66_000));
  assert.deepEqual(rests(), once);
});
