import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { watchDeadlines } from './deadlines.ts';

function watch(limits: Parameters<typeof watchDeadlines>[0]) {
  const expired: string[] = [];
  const deadlines = watchDeadlines(limits, (what) => void expired.push(what), 500);
  return { deadlines, expired };
}

function withClock(run: () => void): void {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    run();
  } finally {
    mock.timers.reset();
  }
}

test('a build is stopped when its time and the grace are over, and not before', () => {
  withClock(() => {
    const { expired } = watch({ timeoutSeconds: 2, maxSilentSeconds: 0 });
    mock.timers.tick(2_499);
    assert.deepEqual(expired, []);
    mock.timers.tick(1);
    assert.deepEqual(expired, ['timeout']);
  });
});

test('a build that says nothing is stopped', () => {
  withClock(() => {
    const { expired } = watch({ timeoutSeconds: 100, maxSilentSeconds: 1 });
    mock.timers.tick(1_500);
    assert.deepEqual(expired, ['silence']);
    mock.timers.tick(1_000_000);
    assert.deepEqual(expired, ['silence']);
  });
});

test('nobody is stopped without limits, or when it is over', () => {
  withClock(() => {
    const unlimited = watch({ timeoutSeconds: 0, maxSilentSeconds: 0 });
    const over = watch({ timeoutSeconds: 1, maxSilentSeconds: 1 });
    over.deadlines[Symbol.dispose]();
    over.deadlines.heard();
    mock.timers.tick(2 ** 31);
    assert.deepEqual([...unlimited.expired, ...over.expired], []);
  });
});

test('a limit beyond what a timer can wait for does not expire at once', () => {
  withClock(() => {
    const { expired } = watch({ timeoutSeconds: 2 ** 31 - 1, maxSilentSeconds: 0 });
    mock.timers.tick(1_000_000);
    assert.deepEqual(expired, []);
  });
});

test('whoever speaks may be silent for as long again', () => {
  withClock(() => {
    const { deadlines, expired } = watch({ timeoutSeconds: 0, maxSilentSeconds: 1 });
    mock.timers.tick(1_400);
    deadlines.heard();
    mock.timers.tick(1_499);
    assert.deepEqual(expired, []);
    mock.timers.tick(1);
    assert.deepEqual(expired, ['silence']);
  });
});
