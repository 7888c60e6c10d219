import type { Clock } from '../../clock/clock.ts';

// Builders ping every ten seconds, by their own setting every second at most.
const intervalMilliseconds = 200;
// A builder whose messages were held up sends some at once; nobody has so many held up.
const excessMax = 1_000;

/** Lets so many pings of one builder through as are of use. */
export class PingGate {
  readonly #clock: Clock;
  #last = -Infinity;
  #excess = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether this one counts, is one too many, or is the last straw. */
  judge(): 'counts' | 'superfluous' | 'too-many' {
    const now = this.#clock.elapsed();
    if (now - this.#last >= intervalMilliseconds) {
      this.#last = now;
      this.#excess = 0;
      return 'counts';
    }
    this.#excess += 1;
    return this.#excess > excessMax ? 'too-many' : 'superfluous';
  }
}
