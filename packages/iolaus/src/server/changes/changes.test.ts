import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '@iolaus/web/api';
import { gatherChanges } from './changes.ts';
import { readNotification } from './notifications.ts';

test('a notification names the builds that changed', () => {
  assert.deepEqual(readNotification('build_finished', '12\t13\t14'), {
    builds: [12, 13, 14],
    all: false,
  });
  assert.deepEqual(readNotification('step_finished', '12\t3\t/logs/ab/c.drv'), {
    builds: [12],
    all: false,
  });
  assert.deepEqual(readNotification('build_started', '12'), { builds: [12], all: false });
});

test('a notification that names nothing, or nothing that is understood, means everything', () => {
  for (const [channel, payload] of [
    ['builds_added', '17'],
    ['builds_cancelled', ''],
    ['build_finished', '12\tthirteen'],
    ['build_finished', ''],
    ['something_new', '1'],
  ] as const) {
    assert.deepEqual(readNotification(channel, payload), { builds: [], all: true }, channel);
  }
});

/** The next changes that are passed on. */
function collector(): {
  pass: (change: Change) => void;
  next: () => Promise<Change>;
  passed: Change[];
} {
  const passed: Change[] = [];
  let wake = Promise.withResolvers<Change>();
  return {
    passed,
    pass(change) {
      passed.push(change);
      wake.resolve(change);
      wake = Promise.withResolvers();
    },
    next: () => wake.promise,
  };
}

test('a burst of changes is passed on as one, each build once', async (context) => {
  const { pass, next, passed } = collector();
  const gathered = gatherChanges(pass);
  context.after(() => gathered.close());
  for (let time = 0; time < 1000; time += 1) gathered.add({ builds: [time % 3], all: false });
  assert.deepEqual(await next(), { builds: [0, 1, 2], all: false });
  gathered.add({ builds: [4], all: false });
  gathered.add({ builds: [5], all: false });
  assert.deepEqual(await next(), { builds: [4, 5], all: false });
  assert.equal(passed.length, 2);
});

test('more builds than are worth naming are everything', async (context) => {
  const { pass, next } = collector();
  const gathered = gatherChanges(pass);
  context.after(() => gathered.close());
  for (let id = 1; id <= 10_000; id += 1) gathered.add({ builds: [id], all: false });
  assert.deepEqual(await next(), { builds: [], all: true });
});
