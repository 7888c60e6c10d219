import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { Farm } from '../../farm/farm.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { FarmEvent } from '../../farm/event.ts';
import { instant } from '../../farm/identity.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';

/** What carries out the farm's effects: first all of them are recorded, then each is made known. */
export type Deeds = {
  /** One transaction. Called again with the same effects when it fails; must then do nothing twice. */
  record(effects: readonly FarmEffect[]): Promise<void>;
  /** Makes a recorded effect known: sends it to a builder, tells a listener. Never throws. */
  perform(effect: FarmEffect): void;
  /** Begins work that can go on while the effect is being recorded. Never throws. */
  prepare(effect: FarmEffect): void;
};

// A transaction holds so many effects at most: it keeps the row locks short and the memory bounded.
const effectsPerTransactionMax = 2_000;
// A database that restarts is back within seconds; nobody gains from asking it more often.
const recordRetryMillisecondsMax = 5_000;

// A transaction costs the database as much as a few effects. Measured with 500 trivial steps on two slots: without a rest
// a step costs it 1.6 ms of processor time, with this one 0.3.
const beatMillisecondsPerEffect = 4;
// Nobody should feel that a decision was held back.
const beatMillisecondsMax = 60;
// With so many the transaction itself costs little of each: nobody gains from more.
const effectsPerBeat = 120;

type Waiting = { readonly effects: FarmEffect[]; readonly recorded: PromiseWithResolvers<void> };

/**
 * Events go in one by one; what the farm decides comes out recorded before it is visible. While one transaction is
 * under way the effects of further events gather for the next, so that a thousand small steps cost a few commits.
 */
export class Decisions implements AsyncDisposable {
  readonly #farm: Pick<Farm, 'apply'>;
  readonly #deeds: Deeds;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #isAtWork: () => boolean;
  readonly #stopping = new AbortController();
  #endRest: () => void = () => {};
  #waiting: Waiting = { effects: [], recorded: Promise.withResolvers() };
  #recording: Promise<void> | undefined;
  #callOffAlarm: () => void = () => {};
  readonly #refused = new Map<string, number>();

  constructor(options: {
    readonly farm: Pick<Farm, 'apply'>;
    readonly deeds: Deeds;
    readonly logger: Logger;
    readonly clock: Clock;
    /** Whether somebody builds, so that more is to be decided in a moment. */
    readonly isAtWork: () => boolean;
  }) {
    this.#isAtWork = options.isAtWork;
    this.#farm = options.farm;
    this.#deeds = options.deeds;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  /** Lets the farm decide. Resolves when everything it decided is in the database. */
  submit(event: FarmEvent): Promise<void> {
    return this.#carryOut(this.#farm.apply(event, instant(this.#clock.now())));
  }

  /** Resolves likewise, with why the farm refused the event; null if it did not. */
  async ask(event: FarmEvent): Promise<string | null> {
    const effects = this.#farm.apply(event, instant(this.#clock.now()));
    await this.#carryOut(effects);
    return effects.find((effect) => effect.type === 'refuse')?.message ?? null;
  }

  #carryOut(effects: readonly FarmEffect[]): Promise<void> {
    const lasting = effects.filter(({ type }) => type !== 'wake-at' && type !== 'refuse');
    for (const effect of effects) {
      if (effect.type === 'wake-at') this.#wakeAt(effect.at);
      else if (effect.type === 'refuse') this.#tell(effect);
      else this.#deeds.prepare(effect);
    }
    // An event that changes nothing may still repeat one whose effects are on their way to the database.
    if (lasting.length === 0 && this.#recording === undefined) return Promise.resolve();
    for (const effect of lasting) this.#waiting.effects.push(effect);
    if (this.#hasEnough()) this.#endRest();
    const { promise } = this.#waiting.recorded;
    this.#recording ??= this.#recordAll();
    return promise;
  }

  /** Resolves when nothing is left to record. */
  async settle(): Promise<void> {
    while (this.#recording !== undefined) await this.#recording;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#callOffAlarm();
    this.#stopping.abort();
    await this.settle();
  }

  async #recordAll(): Promise<void> {
    // Events that arrive together, as a tunnel's messages do, are worth one transaction.
    await Promise.resolve();
    while (this.#waiting.effects.length > 0) {
      const { effects, recorded } = this.#waiting;
      this.#waiting = { effects: [], recorded: Promise.withResolvers() };
      const begunAt = this.#clock.elapsed();
      const done = await this.#recordInTurn(effects);
      if (done) recorded.resolve();
      else recorded.reject(new Error('the runner stopped before this could be recorded'));
      await this.#restUntil(begunAt + beatOf(effects.length));
    }
    this.#waiting.recorded.resolve();
    this.#waiting = { effects: [], recorded: Promise.withResolvers() };
    this.#recording = undefined;
  }

  /**
   * The database rests in a burst, so that more of it goes together. The first decision after a quiet moment is recorded
   * at once, and so is the last of a burst; a lone one makes nobody wait.
   */
  async #restUntil(elapsed: number): Promise<void> {
    const milliseconds = elapsed - this.#clock.elapsed();
    if (milliseconds <= 0 || this.#hasEnough()) return;
    const rested = new AbortController();
    this.#endRest = () => rested.abort();
    await sleep(this.#clock, milliseconds, AbortSignal.any([rested.signal, this.#stopping.signal]));
  }

  /** To wait for more would gain nothing. */
  #hasEnough(): boolean {
    return !this.#isAtWork() || this.#waiting.effects.length >= effectsPerBeat;
  }

  async #recordInTurn(effects: readonly FarmEffect[]): Promise<boolean> {
    for (let start = 0, end = 0; start < effects.length; start = end) {
      end = Math.min(start + effectsPerTransactionMax, effects.length);
      // What is remembered of an attempt in vain goes with its end.
      while (effects[end]?.type === 'plan-retry') end += 1;
      const part = effects.slice(start, end);
      if (!(await this.#recordUntilDone(part))) return false;
      for (const effect of part) this.#deeds.perform(effect);
    }
    return true;
  }

  /** The farm has decided and cannot go back: a database that fails is tried again until it takes it. */
  async #recordUntilDone(effects: readonly FarmEffect[]): Promise<boolean> {
    for (let failures = 0; ; failures += 1) {
      try {
        await this.#deeds.record(effects);
        return true;
      } catch (error) {
        this.#logger.error(
          { error: describeError(error), effects: effects.length },
          'the database did not take what was decided; trying again',
        );
        if (this.#stopping.signal.aborted) return false;
        const milliseconds = Math.min(100 * 2 ** failures, recordRetryMillisecondsMax);
        await sleep(this.#clock, milliseconds, this.#stopping.signal);
      }
    }
  }

  /** Logs the first, the tenth, the hundredth … of a kind. Who is late, or asks about what has ended, is not logged. */
  #tell({ reason, message }: Effect<'refuse'>): void {
    const count = (this.#refused.get(reason) ?? 0) + 1;
    this.#refused.set(reason, count);
    if (reason === 'attempt-over' || reason === 'unknown-build') return;
    if (/^10*$/.test(String(count))) this.#logger.warn({ reason, count, message }, 'refused');
  }

  #wakeAt(at: number): void {
    this.#callOffAlarm();
    // Node's timers take 31 bits of milliseconds; a longer wish is looked at again on the way.
    const wait = Math.min(Math.max(at - this.#clock.now(), 0), 2 ** 31 - 1);
    this.#callOffAlarm = this.#clock.after(wait, () => {
      this.submit({ type: 'time-came' }).catch(() => {});
    });
  }
}

/** From the beginning of a transaction to that of the next, in milliseconds. */
function beatOf(effects: number): number {
  return Math.min(effects * beatMillisecondsPerEffect, beatMillisecondsMax);
}
