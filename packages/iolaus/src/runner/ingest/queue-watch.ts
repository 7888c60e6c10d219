import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import type { Listener } from '../../database/connection/listener.ts';
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

type WatchOptions = {
  readonly database: Pick<Database, 'listen'>;
  readonly queue: FollowedQueue;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Seconds after which to look even if nobody said anything; 0 or less: never. Asked anew for each wait. */
  readonly everySeconds: () => number;
  /** False: nothing is taken but what somebody asks for by its id. */
  readonly follows: boolean;
};

/**
 * Follows the queue: looks once at everything, then at what notifications hint at. A notification is only a hint:
 * after a lost connection everything is looked at once more.
 */
export async function watchQueue(options: WatchOptions): Promise<QueueWatch> {
  const watch = new FollowingWatch(options);
  const listener = await options.database.listen(
    [...changeOfChannel.keys()],
    (channel, payload) => watch.hear(channel, payload),
    () => watch.hint(everything),
  );
  watch.begin(listener);
  return watch;
}

type Wanted = { readonly build: BuildId; readonly taken: PromiseWithResolvers<void> };

class FollowingWatch implements QueueWatch {
  readonly #options: WatchOptions;
  readonly #stopping = new AbortController();
  /** What may have changed and was not looked at. */
  readonly #pending: Set<QueueChange>;
  /** Builds that somebody asked for. */
  readonly #wanted: Wanted[] = [];
  #wake = Promise.withResolvers<void>();
  #callOffLook: () => void = () => {};
  #listener: Listener | undefined;
  #following: Promise<void> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#pending = new Set(options.follows ? everything : []);
  }

  begin(listener: Listener): void {
    this.#listener = listener;
    this.lookLater();
    this.#following = this.#follow();
  }

  hear(channel: string, payload: string): void {
    const change = changeOfChannel.get(channel);
    if (change === undefined) return;
    // Hydra's evaluator says the lowest id; others say only that there are some.
    if (change === 'builds-added' && /^\d+$/.test(payload)) {
      this.#options.queue.noteAdded(Number(payload));
    }
    this.hint([change]);
  }

  hint(changes: readonly QueueChange[]): void {
    if (!this.#options.follows) return;
    for (const change of changes) this.#pending.add(change);
    this.#wake.resolve();
  }

  take(build: BuildId): Promise<void> {
    const taken = Promise.withResolvers<void>();
    this.#wanted.push({ build, taken });
    this.#wake.resolve();
    return taken.promise;
  }

  lookLater(): void {
    this.#callOffLook();
    const { clock, everySeconds } = this.#options;
    const seconds = everySeconds();
    if (seconds <= 0) return;
    this.#callOffLook = clock.after(seconds * 1_000, () => {
      this.hint(everything);
      this.lookLater();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#callOffLook();
    this.#stopping.abort();
    this.#wake.resolve();
    await this.#listener?.close();
    await this.#following;
    for (const { taken } of this.#wanted) taken.reject(new Error('the runner stops'));
  }

  async #follow(): Promise<void> {
    const { queue, logger, clock } = this.#options;
    const { signal } = this.#stopping;
    let retryMilliseconds = retryMillisecondsMin;
    while (!signal.aborted) {
      const changes = new Set(this.#pending);
      this.#pending.clear();
      this.#wake = Promise.withResolvers();
      try {
        await this.#takeWanted();
        if (changes.size > 0) await queue.follow(changes);
        retryMilliseconds = retryMillisecondsMin;
        if (this.#pending.size === 0 && this.#wanted.length === 0) await this.#wake.promise;
      } catch (error) {
        this.hint([...changes]);
        logger.error({ error: describeError(error) }, 'the queue could not be read; trying again');
        await sleep(clock, retryMilliseconds, signal);
        retryMilliseconds = Math.min(retryMilliseconds * 2, retryMillisecondsMax);
      }
    }
  }

  async #takeWanted(): Promise<void> {
    for (const { build, taken } of this.#wanted.splice(0)) {
      await this.#options.queue.takeOne(build).then(taken.resolve, taken.reject);
    }
  }
}
