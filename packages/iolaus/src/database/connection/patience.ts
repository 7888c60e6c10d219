import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import { isConnectionLost } from './lost-connection.ts';

// The first try again is for a connection that died while nobody used it; later ones are for a server that is away.
const waitMillisecondsMin = 10;
const waitMillisecondsMax = 2_000;

// Hydra's own count: two programs that get into each other's way are apart at the first or second try.
const conflictsMax = 10;
const conflictMilliseconds = 50;

/** What waiting takes: time, and a number from 0 to below 1 that differs from everybody else's. */
export type Waiting = { readonly clock: Clock; readonly random: () => number };

/** How long one request waits for a server that is away, from the first loss on, and for others to be out of its way. */
export class Patience {
  readonly #waiting: Waiting;
  readonly #milliseconds: number;
  readonly #signal: AbortSignal;
  #until: number | undefined;
  #wait = waitMillisecondsMin;
  #conflicts = 0;

  constructor(waiting: Waiting, milliseconds: number, signal: AbortSignal) {
    this.#waiting = waiting;
    this.#milliseconds = milliseconds;
    this.#signal = signal;
  }

  /** Waits a little longer each time. Throws `failure` if it is no lost connection, or if it has been too long. */
  async after(failure: unknown): Promise<void> {
    if (!isConnectionLost(failure)) throw failure;
    const { clock } = this.#waiting;
    const now = clock.elapsed();
    this.#until ??= now + this.#milliseconds;
    if (now + this.#wait > this.#until) throw failure;
    await sleep(clock, this.#wait, this.#signal);
    if (this.#signal.aborted) throw failure;
    this.#wait = Math.min(this.#wait * 2, waitMillisecondsMax);
  }

  /** Waits until the other one is out of the way. Throws `failure` if that happens again and again. */
  async afterConflict(failure: unknown): Promise<void> {
    this.#conflicts += 1;
    if (this.#conflicts === conflictsMax) throw failure;
    const { clock, random } = this.#waiting;
    // Not all at the same time again.
    await sleep(clock, this.#conflicts * conflictMilliseconds * (0.5 + random()));
  }
}
