import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../clock/clock.ts';
import { systemClock } from '../../clock/system-clock.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { FarmEvent } from '../../farm/event.ts';
import { attemptNumber, builderId, instant, jobsetId } from '../../farm/identity.ts';
import type { JobsetId } from '../../farm/identity.ts';
import { Decisions } from './decisions.ts';

test('nothing is made known before it is recorded', async () => {
  const world = makeWorld();
  await using decisions = world.decisions;
  const submitted = decisions.submit(decide('a'));
  await world.recordingBegun();
  assert.deepEqual(world.performed, []);
  world.letRecord();
  await submitted;
  assert.deepEqual(world.performed, ['a']);
});

test('what is decided while a transaction is under way goes into one further transaction', async () => {
  const world = makeWorld();
  await using decisions = world.decisions;
  const first = decisions.submit(decide('a'));
  await world.recordingBegun();
  const others = ['b', 'c', 'd'].map((name) => decisions.submit(decide(name)));
  world.letRecord();
  await Promise.all([first, ...others]);
  assert.deepEqual(world.transactions, [['a'], ['b', 'c', 'd']]);
});

test('a transaction that fails is tried again, and its effects are performed once', async () => {
  const world = makeWorld({ failures: 2 });
  await using decisions = world.decisions;
  world.letRecord();
  await decisions.submit(decide('a'));
  assert.deepEqual(world.transactions, [['a'], ['a'], ['a']]);
  assert.deepEqual(world.performed, ['a']);
});

test('who ends tries once more what the database does not take, and does not wait for it', async () => {
  const world = makeWorld({ failures: Infinity, clock: { after: () => () => {} } });
  const submitted = world.decisions.submit(decide('a'));
  submitted.catch(() => {});
  world.letRecord();
  await world.hasFailed();
  await world.decisions[Symbol.asyncDispose]();
  await assert.rejects(submitted, /stopped before this could be recorded/);
  assert.deepEqual(world.transactions, [['a'], ['a']]);
});

test('an event that decides nothing waits for what is being recorded, since it may repeat it', async () => {
  const world = makeWorld();
  await using decisions = world.decisions;
  void decisions.submit(decide('a'));
  await world.recordingBegun();
  let heard = false;
  const repeated = decisions.submit(decide()).then(() => {
    heard = true;
    return heard;
  });
  await Promise.resolve();
  assert.equal(heard, false);
  world.letRecord();
  await repeated;
});

test('the farm is told when the time that it wished for has come', async () => {
  const world = makeWorld();
  await using decisions = world.decisions;
  await decisions.submit({ type: 'jobset-seen', ...wish(1_000) });
  await world.timeCame.promise;
});

test('while somebody builds, what is decided soon after a transaction goes into the next one together', async () => {
  const world = makeWorld();
  await using decisions = world.decisions;
  world.letRecord();
  world.someoneBuilds(true);
  await decisions.submit(decide('a'));
  const others = ['b', 'c'].map((name) => decisions.submit(decide(name)));
  await setImmediate();
  assert.deepEqual(world.transactions, [['a']]);
  world.passTime();
  await Promise.all(others);
  assert.deepEqual(world.transactions, [['a'], ['b', 'c']]);
});

test('when enough has gathered, it waits for nothing', async () => {
  const world = makeWorld();
  await using decisions = world.decisions;
  world.letRecord();
  world.someoneBuilds(true);
  await decisions.submit(decide('a'));
  const many = Array.from({ length: 120 }, (_, index) => `b${index}`);
  await Promise.all(many.map((name) => decisions.submit(decide(name))));
  assert.deepEqual(world.transactions, [['a'], many]);
  world.passTime();
});

test('once nobody builds any more, what was decided last waits for nothing', async () => {
  const world = makeWorld();
  await using decisions = world.decisions;
  world.letRecord();
  world.someoneBuilds(true);
  await decisions.submit(decide('a'));
  world.someoneBuilds(false);
  await decisions.submit(decide('b'));
  await decisions.submit(decide('c'));
  assert.deepEqual(world.transactions, [['a'], ['b'], ['c']]);
});

/** Effects are told apart by the builder that they name; the farm here decides what an event's name lists. */
function decide(...names: readonly string[]): FarmEvent {
  return { type: 'builder-left', builder: builderId(names.join(' ')) };
}

// The farm below takes a jobset's shares for the time at which it wishes to be woken.
const wish = (at: number): { jobset: JobsetId; shares: number; usedSeconds: number } => ({
  jobset: jobsetId(0),
  shares: at,
  usedSeconds: 0,
});

function effectsOf(event: FarmEvent): FarmEffect[] {
  if (event.type === 'jobset-seen') return [{ type: 'wake-at', at: instant(event.shares) }];
  if (event.type !== 'builder-left' || event.builder === '') return [];
  return event.builder.split(' ').map((name) => ({
    type: 'abort-attempt',
    attempt: attemptNumber(1),
    builder: builderId(name),
  }));
}

const nameOf = (effect: FarmEffect): string =>
  effect.type === 'abort-attempt' ? effect.builder : effect.type;

function makeWorld({
  failures = 0,
  clock = {},
}: { failures?: number; clock?: Partial<Clock> } = {}) {
  const failed = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const timeCame = Promise.withResolvers<void>();
  const transactions: string[][] = [];
  const performed: string[] = [];
  const due: (() => void)[] = [];
  let isAtWork = false;
  const after: Clock['after'] = (milliseconds, act) => {
    if (!isAtWork) return systemClock.after(milliseconds, act);
    due.push(act);
    return () => {};
  };
  const decisions = new Decisions({
    farm: {
      apply: (event: FarmEvent) => {
        if (event.type === 'time-came') timeCame.resolve();
        return effectsOf(event);
      },
    },
    deeds: {
      prepare: () => {},
      perform: (effect) => void performed.push(nameOf(effect)),
      record: async (effects) => {
        begun.resolve();
        await gate.promise;
        transactions.push(effects.map(nameOf));
        if (transactions.length <= failures) throw new Error('the database is away');
      },
    },
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => failed.resolve() },
    clock: { ...systemClock, now: () => 990, after, ...clock },
    isAtWork: () => isAtWork,
  });
  return {
    decisions,
    transactions,
    performed,
    timeCame,
    recordingBegun: () => begun.promise,
    hasFailed: () => failed.promise,
    letRecord: () => gate.resolve(),
    someoneBuilds: (so: boolean): void => {
      isAtWork = so;
    },
    /** Whatever waits for a time has waited for long enough. */
    passTime: (): void => {
      for (const act of due.splice(0)) act();
    },
  };
}
