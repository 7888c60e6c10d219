import { every, sleep } from '../clock/clock.ts';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/connection.ts';
import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import type { Queue, QueueChange } from './queue.ts';

/** What Hydra's programs say on which channel, and what it means for the queue. */
const changeOfChannel: ReadonlyMap<string, QueueChange> = new Map([
  ['builds_added', 'builds-added'],
  ['builds_restarted', 'builds-changed'],
  ['builds_cancelled', 'builds-changed'],
  ['builds_deleted', 'builds-changed'],
  ['builds_bumped', 'builds-changed'],
  ['jobset_shares_changed', 'shares-changed'],
]);

const everything: readonly QueueChange[] = ['shares-changed', 'builds-changed', 'builds-added'];

// After a failure the queue is looked at again, after 1, 2, 4 … seconds.
const retryMillisecondsMin = 1_000;
const retryMillisecondsMax = 64_000;

/**
 * Follows the queue: looks once at everything, then at what notifications hint at. A notification is only a hint:
 * after a lost connection everything is looked at once more.
 */
export async function watchQueue(options: {
  readonly database: Database;
  readonly queue: Queue;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Seconds after which to look even if nobody said anything; 0 or less: never. */
  readonly everySeconds: number;
}): Promise<AsyncDisposable> {
  const { database, queue, logger, clock, everySeconds } = options;
  const stopping = new AbortController();
  const pending = new Set<QueueChange>(everything);
  let wake = Promise.withResolvers<void>();

  const hint = (changes: readonly QueueChange[]): void => {
    for (const change of changes) pending.add(change);
    wake.resolve();
  };

  const listener = await database.listen(
    [...changeOfChannel.keys()],
    (channel) => {
      const change = changeOfChannel.get(channel);
      if (change !== undefined) hint([change]);
    },
    () => hint(everything),
  );
  const callOffLooks =
    everySeconds > 0 ? every(clock, everySeconds * 1_000, () => hint(everything)) : () => {};

  const follow = async (): Promise<void> => {
    let retryMilliseconds = retryMillisecondsMin;
    while (!stopping.signal.aborted) {
      const changes = new Set(pending);
      pending.clear();
      wake = Promise.withResolvers();
      try {
        await queue.follow(changes);
        retryMilliseconds = retryMillisecondsMin;
        if (pending.size === 0) await wake.promise;
      } catch (error) {
        hint([...changes]);
        logger.error({ error: describeError(error) }, 'the queue could not be read; trying again');
        await sleep(clock, retryMilliseconds, stopping.signal);
        retryMilliseconds = Math.min(retryMilliseconds * 2, retryMillisecondsMax);
      }
    }
  };

  const following = follow();
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      callOffLooks();
      stopping.abort();
      wake.resolve();
      await listener.close();
      await following;
    },
  };
}
