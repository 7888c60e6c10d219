import { every } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import { mayPass } from '../../cache/http/retries.ts';
import type { Database, Transaction } from '../../database/connection/connection.ts';
import {
  deleteUpload,
  insertUploads,
  postponeUpload,
  readDueUploads,
  readUploads,
  withoutSecrets,
} from '../../database/uploads.ts';
import type { Upload, WantedUpload } from '../../database/uploads.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Destinations } from './destinations.ts';
import { noOverflow } from './overflow/overflow-rule.ts';
import type { OverflowRule } from './overflow/overflow-rule.ts';
import { wantedUploads } from './uploads.ts';
import type { UploadListener, Uploads } from './uploads.ts';

/** What waits for its time, or was given another chance from outside, is looked for so often. */
const lookMilliseconds = 5_000;
const firstWaitMilliseconds = 10_000;
const longestWaitMilliseconds = 3_600_000;
/** Over half a day, for what may pass by itself; whoever was told of it has had the time to put it right. */
const triesMax = 18;
/** For all else: what the disk gave once it may not give again. */
const hopelessTriesMax = 3;

export type UploadQueueOptions = {
  readonly database: Database;
  readonly destinations: Pick<Destinations, 'stores' | 'storesFor' | 'publish'> & Disposable;
  /** Absent: everything goes to the stores for everybody. */
  readonly overflowRule?: OverflowRule;
  /** How many go on at a time to each store. */
  readonly limit: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Publishes what is in the table, the oldest first, so many at a time; none waits for another, no store for another one. What
 * is done leaves the table; what fails stays, and is tried again later and later, until it is given up and waits for a person.
 */
export class UploadQueue implements Uploads, AsyncDisposable {
  readonly #options: UploadQueueOptions;
  readonly #underWay = new Map<number, { readonly store: string; readonly ended: Promise<void> }>();
  readonly #stopTimer: () => void;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  #tellEnded: UploadListener = () => {};
  #stopped = false;

  constructor(options: UploadQueueOptions) {
    this.#options = options;
    this.#stopTimer = every(options.clock, lookMilliseconds, () => this.wake());
    this.wake();
  }

  async record(transaction: Transaction, effects: readonly FarmEffect[]): Promise<void> {
    const { destinations, overflowRule = noOverflow } = this.#options;
    const wanted = wantedUploads(effects);
    const needing = wanted.flatMap(({ jobsets }) => jobsets);
    const wantsOverflow = await overflowRule(transaction, needing);
    const places = Map.groupBy(wanted, ({ jobsets }) =>
      wantsOverflow(jobsets) ? 'overflow' : 'regular',
    );
    for (const [place, some] of places) {
      await insertUploads(transaction, destinations.storesFor(place), some);
    }
  }

  async publishForAll(wanted: readonly WantedUpload[]): Promise<void> {
    const { database, destinations } = this.#options;
    await database.transaction((transaction) =>
      insertUploads(transaction, destinations.storesFor('regular'), wanted),
    );
    this.wake();
  }

  /** What waits for its turn, or for another try. */
  async waiting(): Promise<readonly Upload[]> {
    const known = await readUploads(this.#options.database, 'waiting');
    return known.filter(({ id }) => !this.#underWay.has(id));
  }

  whenEnded(listen: UploadListener): void {
    this.#tellEnded = listen;
  }

  wake(): void {
    if (this.#stopped) return;
    this.#lookAgain = true;
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
  }

  /** What is under way is broken off, and begun again by the next runner. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#looking;
    this.#options.destinations[Symbol.dispose]();
    await Promise.all(this.#underWay.values().map(({ ended }) => ended));
  }

  async #look(): Promise<void> {
    while (this.#lookAgain && !this.#stopped) {
      this.#lookAgain = false;
      for (const upload of await this.#readDue()) this.#begin(upload);
    }
  }

  async #readDue(): Promise<Upload[]> {
    const { destinations, logger } = this.#options;
    try {
      const due = await Promise.all(destinations.stores.map((store) => this.#readDueOf(store)));
      return due.flat();
    } catch (error) {
      logger.error({ error: describeError(error) }, 'the queue of uploads could not be read');
      return [];
    }
  }

  async #readDueOf(store: string): Promise<Upload[]> {
    const { database, limit, clock } = this.#options;
    const except = [...this.#underWay].flatMap(([id, upload]) =>
      upload.store === store ? [id] : [],
    );
    const free = limit() - except.length;
    if (free <= 0) return [];
    return readDueUploads(database, { now: clock.now(), stores: [store], except, limit: free });
  }

  #begin(upload: Upload): void {
    const ended = this.#carryOut(upload).finally(() => {
      this.#underWay.delete(upload.id);
      this.wake();
    });
    this.#underWay.set(upload.id, { store: upload.store, ended });
  }

  /** Never rejects: what could not be recorded is in the table as it was, and done again. */
  async #carryOut(upload: Upload): Promise<void> {
    const { database, destinations, logger } = this.#options;
    try {
      await destinations.publish(upload);
      await deleteUpload(database, upload.id);
      this.#tellEnded(upload, 'published');
    } catch (error) {
      if (this.#stopped) return;
      await this.#postpone(upload, error).catch((cause: unknown) =>
        logger.error({ error: describeError(cause) }, 'a failed upload could not be recorded'),
      );
    }
  }

  async #postpone(upload: Upload, error: unknown): Promise<void> {
    const { id, tries, store, derivation } = upload;
    const { database, clock, logger } = this.#options;
    const isGivenUp = tries + 1 >= (mayPass(error) ? triesMax : hopelessTriesMax);
    const wait = Math.min(firstWaitMilliseconds * 2 ** tries, longestWaitMilliseconds);
    const told = describeError(error);
    const state = { store: withoutSecrets(store), derivation, tries: tries + 1, error: told };
    if (isGivenUp) logger.error(state, 'an upload was given up; `iolaus cache uploads` shows it');
    else logger.warn(state, 'an upload failed and will be tried again');
    await postponeUpload(database, { id, notBefore: clock.now() + wait, error: told, isGivenUp });
    if (isGivenUp) this.#tellEnded(upload, 'given-up');
  }
}
