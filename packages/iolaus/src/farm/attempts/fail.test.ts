import assert from 'node:assert/strict';
import { test } from 'node:test';
import { build, graph, Scenario, step } from '../testing/scenario.ts';
import type { AttemptFailure } from '../outcome.ts';

test('a step that fails ends every build above it, the one that is charged first, then in the order of their ids', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(
    [build(3, 'app'), build(1, 'tool'), build(2, 'lib'), build(9, 'lib')],
    graph({ app: 'lib', tool: 'lib', lib: '' }),
  );
  assert.deepEqual(farm.fail('lib'), [
    'lib failed: it broke',
    'build 2 failed',
    'row of 1: lib failed from 2: it broke',
    'build 1 dependency-failed',
    'row of 3: lib failed from 2: it broke',
    'build 3 dependency-failed',
    'row of 9: lib failed from 2: it broke',
    'build 9 failed',
  ]);
  assert.equal(farm.farm.view.counts().steps, 0);
});

test('every other verdict is told to the builds above as it is', () => {
  const verdicts: readonly AttemptFailure[] = [
    'timed-out',
    'log-limit-exceeded',
    'output-limit-exceeded',
    'not-deterministic',
  ];
  for (const verdict of verdicts) {
    const farm = new Scenario();
    farm.join('ant');
    farm.queue([build(1, 'lib'), build(2, 'app')], graph({ app: 'lib', lib: '' }));
    assert.deepEqual(farm.fail('lib', verdict, 'too much'), [
      `lib ${verdict}: too much`,
      `build 1 ${verdict}`,
      `row of 2: lib ${verdict} from 1: too much`,
      `build 2 ${verdict}`,
    ]);
  }
});

test('steps that only failed builds needed are withdrawn, others go on', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 3 });
  farm.queue(
    [build(1, 'app'), build(2, 'tool')],
    graph({ app: 'bad only common', tool: 'common', bad: '', only: '', common: '' }),
  );
  assert.deepEqual(farm.fail('bad'), [
    'bad failed: it broke',
    'build 1 dependency-failed',
    'stop only on ant',
    'only cancelled',
  ]);
  assert.equal(farm.state('common'), 'leased');
  assert.equal(farm.state('only'), undefined);
});

test('a step that failed before is not tried: every build above has a row of its own', () => {
  const farm = new Scenario();
  farm.join('ant');
  const steps = [step('app', 'lib'), step('lib', '', { failedBefore: true }), step('fine')];
  assert.deepEqual(farm.queue([build(1, 'lib'), build(2, 'app'), build(3, 'fine')], steps), [
    'row of 1: lib cached-failure',
    'build 1 failed, cached',
    'row of 2: lib cached-failure',
    'build 2 dependency-failed, cached',
    'start fine on ant for 3',
  ]);
});

test('a failure whose charged build is gone names no other build', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue([build(1, 'lib'), build(2, 'app')], graph({ app: 'lib', lib: '' }));
  assert.deepEqual(farm.withdraw(1), []);
  assert.deepEqual(farm.fail('lib'), [
    'lib failed: it broke',
    'row of 2: lib failed: it broke',
    'build 2 dependency-failed',
  ]);
});

test('a report about an attempt that is over changes nothing', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const old = farm.attempt('app');
  farm.leave('ant');
  farm.join('bee');
  const times = { importMilliseconds: 0, buildMilliseconds: 0, uploadMilliseconds: 0 };
  const late = { type: 'attempt-failed', attempt: old, message: 'late', times } as const;
  assert.deepEqual(farm.apply({ ...late, failure: 'build-failed' }), []);
  assert.deepEqual(farm.apply({ ...late, failure: 'upload-failed' }), []);
  assert.deepEqual(farm.apply({ type: 'dispatch-failed', attempt: old, message: 'late' }), []);
  assert.deepEqual(farm.succeed('app'), ['app succeeded', 'build 1 succeeded']);
});

test('a failure ten thousand steps deep reaches the top', () => {
  const farm = new Scenario();
  const depth = 10_000;
  const chain = Array.from({ length: depth }, (_, level) =>
    step(`s${level}`, level + 1 < depth ? `s${level + 1}` : ''),
  );
  farm.queue(build(1, 's0'), chain);
  assert.deepEqual(farm.join('ant'), [`start s${depth - 1} on ant for 1`]);
  assert.deepEqual(farm.fail(`s${depth - 1}`), [
    `s${depth - 1} failed: it broke`,
    'build 1 dependency-failed',
  ]);
  assert.equal(farm.farm.view.counts().steps, 0);
});

test('what would fail again is remembered, but nothing that time or the network could mend', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 9 });
  const fetched = { ...step('fetched'), isFixedOutput: true };
  const moody = { ...step('moody'), wishes: { transientExitCodes: [75] } };
  const steps = [step('broken'), step('slow'), step('chatty'), step('odd'), fetched, moody];
  farm.queue(
    steps.map(({ derivation }, index) => build(index + 1, derivation)),
    steps,
  );
  farm.fail('broken', 'build-failed');
  farm.fail('slow', 'timed-out');
  farm.fail('chatty', 'log-limit-exceeded');
  farm.fail('odd', 'not-deterministic');
  farm.fail('fetched', 'build-failed');
  farm.fail('moody', 'import-failed');
  assert.deepEqual(farm.memories, ['broken fails', 'odd fails']);
});
