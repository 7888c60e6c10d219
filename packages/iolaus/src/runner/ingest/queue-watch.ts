import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { BuildId } from '../../farm/identity.ts';
import type { QueueChange } from './queue.ts';

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

/** The queue, as far as it is followed. One call at a time. */
export type FollowedQueue = {
  noteAdded(lowest: number): void;
  follow(changes: ReadonlySet<QueueChange>): Promise<void>;
  takeOne(build: BuildId): Promise<void>;
};

export type QueueWatch = AsyncDisposable & {
  /** Takes one build, whatever else is queued; resolves when it is in the farm, rejects if it cannot be read. */
  take(build: BuildId): Promise<void>;
  /** The time between two looks has changed. */
  lookLater(): void;
};

/**
 * Follows the queue: looks once at everything, then at what notifications hint at. A notification is only a hint:
 * after a lost connection everything is looked at once more.
 */
export async function watchQueue(options: {
  readonly database: Pick<Database, 'listen'>;
  readonly queue: FollowedQueue;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Seconds after which to look even if nobody said anything; 0 or less: never. Asked anew for each wait. */
  readonly everySeconds: () => number;
  /** False: nothing is taken but what somebody asks for by its id. */
  readonly follows: boolean;
}): Promise<QueueWatch> {
  const { database, queue, logger, clock, everySeconds, follows } = options;
  const stopping = new AbortController();
  const pending = new Set<QueueChange>(follows ? everything : []);
  let wake = Promise.withResolvers<void>();

  const wanted: { readonly build: BuildId; readonly taken: PromiseWithResolvers<void> }[] = [];

  const hint = (changes: readonly QueueChange[]): void => {
    if (!follows) return;
    for (const change of changes) pending.add(change);
    wake.resolve();
  };

  const listener = await database.listen(
    [...changeOfChannel.keys()],
    (channel, payload) => {
      const change = changeOfChannel.get(channel);
      // Hydra's evaluator says the lowest id; others say only that there are some.
      if (change === 'builds-added' && /^\d+$/.test(payload)) queue.noteAdded(Number(payload));
      if (change !== undefined) hint([change]);
    },
    () => hint(everything),
  );
  let callOffLook = (): void => {};
  const lookLater = (): void => {
    callOffLook();
    const seconds = everySeconds();
    if (seconds <= 0) return;
    callOffLook = clock.after(seconds * 1_000, () => {
      hint(everything);
      lookLater();
    });
  };
  lookLater();

  const take = (build: BuildId): Promise<void> => {
    const taken = Promise.withResolvers<void>();
    wanted.push({ build, taken });
    wake.resolve();
    return taken.promise;
  };

  const takeWanted = async (): Promise<void> => {
    for (const { build, taken } of wanted.splice(0)) {
      await queue.takeOne(build).then(taken.resolve, taken.reject);
    }
  };

  const follow = async (): Promise<void> => {
    let retryMilliseconds = retryMillisecondsMin;
    while (!stopping.signal.aborted) {
      const changes = new Set(pending);
      pending.clear();
      wake = Promise.withResolvers();
      try {
        await takeWanted();
        if (changes.size > 0) await queue.follow(changes);
        retryMilliseconds = retryMillisecondsMin;
        if (pending.size === 0 && wanted.length === 0) await wake.promise;
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
    take,
    lookLater,
    async [Symbol.asyncDispose](): Promise<void> {
      callOffLook();
      stopping.abort();
      wake.resolve();
      await listener.close();
      await following;
      for (const { taken } of wanted) taken.reject(new Error('the runner stops'));
    },
  };
}
