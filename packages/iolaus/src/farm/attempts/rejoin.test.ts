import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptNumber, buildId, builderId, instant } from '../identity.ts';
import type { InheritedAttempt } from './inherited.ts';
import { build, derivation, graph, Scenario } from '../testing/scenario.ts';

test('a builder that comes back in time goes on with what it has', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  const attempt = farm.attempt('app');
  assert.deepEqual(farm.goAway('ant', 60), ['wake at 60']);
  farm.seconds = 59;
  assert.deepEqual(farm.comeBack('ant', [attempt]), []);
  farm.pass(1000);
  assert.equal(farm.attempt('app'), attempt);
  assert.deepEqual(farm.succeed('app'), ['app succeeded', 'build 1 succeeded']);
});

test('a builder that is away gets nothing, and its steps are nobody else’s', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 2 });
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.goAway('ant', 60);
  assert.deepEqual(farm.queue(build(2, 'tool'), graph({ tool: '' })), []);
  assert.deepEqual(farm.join('bee'), ['start tool on bee for 2']);
  assert.deepEqual(farm.comeBack('ant', [farm.attempt('app')]), []);
});

test('when a builder stays away for too long, its steps go to others', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  farm.goAway('ant', 60);
  farm.join('bee');
  assert.deepEqual(farm.pass(60), ['app aborted: the builder was lost', 'start app on bee for 1']);
  // It holds an attempt that is over: nothing comes of it.
  assert.deepEqual(farm.comeBack('ant', [attemptNumber(1)]), []);
});

test('what a builder does not hold when it comes back is tried again at once', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 2 });
  farm.queue([build(1, 'app'), build(2, 'tool')], graph({ app: '', tool: '' }));
  const kept = farm.attempt('tool');
  farm.goAway('ant', 60);
  assert.deepEqual(farm.comeBack('ant', [kept], { slots: 2 }), [
    'app aborted: the builder came back without it',
    'start app on ant for 1',
  ]);
  assert.equal(farm.attempt('tool'), kept);
});

test('a builder with fewer slots than before keeps what it has, and gets nothing more', () => {
  const farm = new Scenario();
  farm.join('ant', { slots: 2 });
  farm.queue([build(1, 'app'), build(2, 'tool')], graph({ app: '', tool: '' }));
  const held = [farm.attempt('app'), farm.attempt('tool')];
  assert.deepEqual(farm.comeBack('ant', held, { slots: 1 }), ['wake at 10']);
  farm.queue(build(3, 'late'), graph({ late: '' }));
  assert.equal(farm.state('late'), 'runnable');
});

test('what a builder cannot build any more is taken from it', () => {
  const farm = new Scenario();
  farm.join('ant');
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.comeBack('ant', [farm.attempt('app')], { systems: ['darwin'] }), [
    'app aborted: the builder came back without it',
    'wake at 120',
  ]);
});

const inherited = (name: string, attempt: number, id: number): InheritedAttempt => ({
  attempt: attemptNumber(attempt),
  derivation: derivation(name),
  build: buildId(id),
  builder: builderId('ant'),
  hostname: 'ant',
  startedAt: instant(-5000),
  hasBegun: false,
});

/** A farm that follows another one, which gave out two steps. */
function heir(): Scenario {
  const farm = new Scenario();
  const attempts = [inherited('app', 7, 1), inherited('tool', 8, 2)];
  farm.apply({ type: 'attempts-inherited', attempts, until: instant(60_000) });
  return farm;
}

const bothQueued = [[build(1, 'app'), build(2, 'tool')], graph({ app: '', tool: '' })] as const;

test('after a restart builders go on, whether they come before the queue is read', () => {
  const farm = heir();
  const held = [attemptNumber(7), attemptNumber(8)];
  assert.deepEqual(farm.comeBack('ant', held, { slots: 2 }), []);
  assert.deepEqual(farm.queue(...bothQueued), ['attempt 7 goes on', 'attempt 8 goes on']);
  assert.deepEqual(farm.succeed('app'), ['app succeeded', 'build 1 succeeded']);
});

test('what a builder was given first it has begun, in whatever order the queue is read', () => {
  const farm = heir();
  farm.comeBack('ant', [attemptNumber(7), attemptNumber(8)], { ahead: 1 });
  farm.queue([build(1, 'app'), build(2, 'tool')], graph({ tool: '', app: '' }));
  assert.equal(farm.pass(10).at(-1), 'tool aborted: taken back before it was begun');
  assert.equal(farm.state('app'), 'leased');
});

test('slots in which inherited attempts are going on are not free, though their steps are not known yet', () => {
  const farm = heir();
  farm.comeBack('ant', [attemptNumber(7), attemptNumber(8)], { slots: 2 });
  assert.deepEqual(farm.queue(build(3, 'late'), graph({ late: '' })), []);
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.succeed('app'), [
    'app succeeded',
    'build 1 succeeded',
    'start late on ant for 3',
  ]);
});

test('an inherited attempt that has ended frees its slot before its step is known', () => {
  const farm = heir();
  farm.comeBack('ant', [attemptNumber(7), attemptNumber(8)], { slots: 2 });
  farm.queue(build(3, 'late'), graph({ late: '' }));
  const ended = { attempt: attemptNumber(7), derivation: derivation('app') };
  assert.deepEqual(farm.apply({ type: 'inherited-ended', ...ended }), ['start late on ant for 3']);
  assert.deepEqual(farm.apply({ type: 'inherited-ended', ...ended }), []);
});

test('or after it', () => {
  const farm = heir();
  farm.join('bee');
  assert.deepEqual(farm.queue(...bothQueued), ['attempt 7 goes on', 'attempt 8 goes on']);
  assert.deepEqual(farm.comeBack('ant', [attemptNumber(8)]), [
    'app aborted: the builder came back without it',
    'start app on bee for 1',
  ]);
  assert.deepEqual(farm.succeed('tool'), ['tool succeeded', 'build 2 succeeded']);
});

test('what nobody claims in time after a restart is tried again, under a higher number', () => {
  const farm = heir();
  farm.queue(...bothQueued);
  farm.join('bee', { slots: 2 });
  assert.deepEqual(farm.pass(60), [
    'app aborted: the builder was lost',
    'tool aborted: the builder was lost',
    'start app on bee for 1',
    'start tool on bee for 2',
  ]);
  assert.equal(farm.attempt('app'), 9);
});

test('what is not needed any more after a restart is stopped when the queue has been read', () => {
  const farm = heir();
  farm.queue(build(1, 'app'), graph({ app: '' }));
  assert.deepEqual(farm.apply({ type: 'queue-read' }), ['stop undefined on ant', 'tool cancelled']);
  assert.equal(farm.state('app'), 'leased');
});
