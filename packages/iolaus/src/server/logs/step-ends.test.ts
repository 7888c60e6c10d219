import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatherEnds, readNotification } from './step-ends.ts';
import type { Ended } from './step-ends.ts';

test('a notification names the builds of which steps have ended', () => {
  const finished = readNotification('build_finished', '12\t13\t14');
  assert.deepEqual(finished, new Set([12, 13, 14]));
  assert.deepEqual(readNotification('step_finished', '12\t3\t/logs/ab/c.drv'), new Set([12]));
});

test('a notification that names nothing, or nothing that is understood, means any build', () => {
  for (const [channel, payload] of [
    ['build_finished', '12\tthirteen'],
    ['build_finished', ''],
    ['something_new', '1'],
  ] as const) {
    assert.equal(readNotification(channel, payload), 'any', channel);
  }
});

/** The next ends that are passed on. */
function collector(): {
  pass: (ended: Ended) => void;
  next: () => Promise<Ended>;
  passed: Ended[];
} {
  const passed: Ended[] = [];
  let wake = Promise.withResolvers<Ended>();
  return {
    passed,
    pass(ended) {
      passed.push(ended);
      wake.resolve(ended);
      wake = Promise.withResolvers();
    },
    next: () => wake.promise,
  };
}

test('a burst is passed on as one, each build once', async (context) => {
  const { pass, next, passed } = collector();
  const gathered = gatherEnds(pass);
  context.after(() => gathered.close());
  for (let time = 0; time < 1000; time += 1) gathered.add(new Set([time % 3]));
  assert.deepEqual(await next(), new Set([0, 1, 2]));
  gathered.add(new Set([4]));
  gathered.add(new Set([5]));
  assert.deepEqual(await next(), new Set([4, 5]));
  assert.equal(passed.length, 2);
});

test('more builds than are worth naming are any', async (context) => {
  const { pass, next } = collector();
  const gathered = gatherEnds(pass);
  context.after(() => gathered.close());
  for (let id = 1; id <= 10_000; id += 1) gathered.add(new Set([id]));
  assert.equal(await next(), 'any');
});
