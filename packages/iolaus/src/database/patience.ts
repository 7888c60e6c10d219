import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionLost } from './lost-connection.ts';

// The first try again is for a connection that died while nobody used it; later ones are for a server that is away.
const waitMillisecondsMin = 10;
const waitMillisecondsMax = 2_000;

/** How long one request waits for a server that is away, from the first loss on. */
export class Patience {
  readonly #milliseconds: number;
  readonly #signal: AbortSignal;
  #until: number | undefined;
  #wait = waitMillisecondsMin;

  constructor(milliseconds: number, signal: AbortSignal) {
    this.#milliseconds = milliseconds;
    this.#signal = signal;
  }

  /** Waits a little longer each time. Throws `failure` if it is no lost connection, or if it has been too long. */
  async after(failure: unknown): Promise<void> {
    if (!isConnectionLost(failure)) throw failure;
    this.#until ??= Date.now() + this.#milliseconds;
    if (Date.now() + this.#wait > this.#until) throw failure;
    await sleep(this.#wait, undefined, { signal: this.#signal }).catch(() => {});
    if (this.#signal.aborted) throw failure;
    this.#wait = Math.min(this.#wait * 2, waitMillisecondsMax);
  }
}
