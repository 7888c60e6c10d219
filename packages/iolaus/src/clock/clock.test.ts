import assert from 'node:assert/strict';
import { test } from 'node:test';
import { every, sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { systemClock } from './system-clock.ts';

test('who sleeps is woken when the time has passed', async () => {
  const { clock, pass } = makeClock();
  let awake = false;
  const sleeping = sleep(clock, 10).then(() => {
    awake = true;
    return awake;
  });
  pass(9);
  await Promise.resolve();
  assert.equal(awake, false);
  pass(1);
  await sleeping;
});

test('who sleeps is woken by its signal, and nothing is left to happen', async () => {
  const { clock, waiting } = makeClock();
  const stopping = new AbortController();
  const sleeping = sleep(clock, 10, stopping.signal);
  stopping.abort();
  await sleeping;
  assert.equal(waiting(), 0);
  await sleep(clock, 10, stopping.signal);
  assert.equal(waiting(), 0);
});

test('what happens every so often goes on until it is called off', () => {
  const { clock, pass, waiting } = makeClock();
  let times = 0;
  const callOff = every(clock, 10, () => {
    times += 1;
  });
  for (let tenth = 0; tenth < 3; tenth += 1) pass(10);
  assert.equal(times, 3);
  callOff();
  assert.equal(waiting(), 0);
});

test("a time that is longer than Node's timers count is counted in parts", (context) => {
  const partMilliseconds = 2 ** 31 - 1;
  const set: { readonly act: () => void; readonly milliseconds: number }[] = [];
  context.mock.method(globalThis, 'setTimeout', (act: () => void, milliseconds: number) =>
    set.push({ act, milliseconds }),
  );
  let times = 0;
  systemClock.after(2 * partMilliseconds + 5, () => (times += 1));
  for (const part of [partMilliseconds, partMilliseconds, 5]) {
    assert.equal(times, 0);
    const timer = set.pop();
    assert.equal(timer?.milliseconds, part);
    timer.act();
  }
  assert.deepEqual([times, set], [1, []]);
});

test("the system's clock tells the time and calls back", async () => {
  const before = systemClock.elapsed();
  await sleep(systemClock, 1);
  assert.ok(systemClock.elapsed() > before);
  assert.ok(systemClock.now() > 1_700_000_000_000);
});

function makeClock() {
  let now = 0;
  const alarms = new Map<() => void, number>();
  const clock: Clock = {
    now: () => now,
    elapsed: () => now,
    after: (milliseconds, act) => {
      alarms.set(act, now + milliseconds);
      return () => alarms.delete(act);
    },
  };
  const pass = (milliseconds: number): void => {
    now += milliseconds;
    const due = [...alarms].filter(([, at]) => at <= now);
    for (const [act] of due) alarms.delete(act);
    for (const [act] of due) act();
  };
  return { clock, pass, waiting: () => alarms.size };
}
