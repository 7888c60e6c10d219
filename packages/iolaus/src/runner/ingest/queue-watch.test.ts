import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { handClock } from '../../clock/testing/hand-clock.ts';
import { createLogger } from '../../logging/logger.ts';
import { watchQueue } from './queue-watch.ts';

test('a queue of which nobody says anything is looked at as often as is set, and by a new setting at once', async () => {
  const clock = handClock();
  const waits: number[] = [];
  let [looks, seconds] = [0, 30];
  await using watch = await watchQueue({
    database: { listen: async () => ({ close: async () => {} }) },
    queue: {
      noteAdded: () => {},
      follow: async () => void (looks += 1),
      takeOne: async () => {},
    },
    logger: createLogger({ program: 'test', level: 'error' }),
    follows: true,
    clock: {
      ...clock,
      after: (milliseconds, act) => {
        waits.push(milliseconds);
        return clock.after(milliseconds, act);
      },
    },
    everySeconds: () => seconds,
  });
  const wait = async (): Promise<number> => {
    clock.pass(1_000 * seconds);
    await nextTurn();
    return looks;
  };
  await nextTurn();
  assert.equal(looks, 1);
  assert.deepEqual([await wait(), await wait()], [2, 3]);
  seconds = -1;
  watch.lookLater();
  assert.equal(await wait(), 3);
  seconds = 5;
  watch.lookLater();
  assert.equal(await wait(), 4);
  assert.deepEqual(waits, [30_000, 30_000, 30_000, 5_000, 5_000]);
});
