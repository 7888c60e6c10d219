import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derivationPath } from '@iolaus/nix';
import type { Clock } from '../../clock/clock.ts';
import { attemptNumber, buildId, builderId } from '../../farm/identity.ts';
import { Attempts } from './attempts.ts';
import type { LiveAttempt } from './attempts.ts';
import { guardLimits } from './limit-guard.ts';

/** A clock that goes when it is told to, and a guard that looks every second with two seconds of grace. */
function openScene(limits: { timeoutSeconds: number; maxSilentSeconds: number }) {
  let now = 0;
  const alarms: { at: number; act: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    elapsed: () => now,
    after: (milliseconds, act) => {
      const alarm = { at: now + milliseconds, act };
      alarms.push(alarm);
      return () => void alarms.splice(alarms.indexOf(alarm), 1);
    },
  };
  const attempts = new Attempts(() => '00000000-0000-4000-8000-000000000001', clock);
  attempts.add({
    attempt: attemptNumber(1),
    derivation: derivationPath(`${'0'.repeat(32)}-x.drv`),
    builder: builderId('ant'),
    hostname: 'ant',
    build: buildId(1),
    startedAt: 0,
    isGranted: true,
    ...limits,
  });
  const live: LiveAttempt = attempts.byNumber(attemptNumber(1)) ?? assert.fail();
  const scene = { isConnected: true, ends: [] as string[], attempts, live };
  const guard = guardLimits({
    attempts,
    clock,
    isConnected: () => scene.isConnected,
    fail: (_, failure, message) => {
      scene.ends.push(`${failure} at ${now / 1_000}: ${message}`);
      attempts.end(attemptNumber(1));
    },
    pace: { graceMilliseconds: 2_000, lookMilliseconds: 1_000 },
  });
  const pass = (seconds: number): void => {
    for (const end = now + 1_000 * seconds; now < end;) {
      now += 500;
      for (const alarm of alarms.filter(({ at }) => at <= now)) {
        alarms.splice(alarms.indexOf(alarm), 1);
        alarm.act();
      }
    }
  };
  return { ...scene, scene, pass, [Symbol.dispose]: () => guard[Symbol.dispose]() };
}

test('a build that its builder lets run beyond its timeout is ended, counted from its beginning', () => {
  using guarded = openScene({ timeoutSeconds: 5, maxSilentSeconds: 0 });
  guarded.pass(100);
  assert.deepEqual(guarded.ends, []);
  guarded.attempts.notePhase(guarded.live, 'building');
  guarded.pass(7);
  assert.deepEqual(guarded.ends, []);
  guarded.pass(2);
  assert.deepEqual(guarded.ends, ['timed-out at 108: timed out after 5 seconds']);
});

test('a build that says something now and then goes on', () => {
  using guarded = openScene({ timeoutSeconds: 0, maxSilentSeconds: 5 });
  guarded.attempts.notePhase(guarded.live, 'building');
  for (let times = 0; times < 10; times += 1) {
    guarded.pass(5);
    guarded.attempts.noteHeard(guarded.live);
  }
  assert.deepEqual(guarded.ends, []);
  guarded.pass(10);
  assert.deepEqual(guarded.ends, ['timed-out at 58: timed out after 5 seconds of silence']);
});

test('a builder that is away is not taken for silent', () => {
  using guarded = openScene({ timeoutSeconds: 0, maxSilentSeconds: 5 });
  guarded.attempts.notePhase(guarded.live, 'building');
  guarded.scene.isConnected = false;
  guarded.pass(100);
  guarded.scene.isConnected = true;
  guarded.pass(6);
  assert.deepEqual(guarded.ends, []);
});

test('a builder that says again and again that it begins gets no more time', () => {
  using guarded = openScene({ timeoutSeconds: 5, maxSilentSeconds: 0 });
  for (let times = 0; times < 8; times += 1) {
    guarded.attempts.notePhase(guarded.live, 'sending-inputs');
    guarded.attempts.notePhase(guarded.live, 'building');
    guarded.pass(1);
  }
  assert.deepEqual(guarded.ends, ['timed-out at 8: timed out after 5 seconds']);
});
