// A runner that is started again is back within a second; one that is away for longer is not to be crowded.
const waitMillisecondsMin = 500;
const waitMillisecondsMax = 10_000;

/** How long to wait before the next try: twice as long each time, and never as long as the next builder. */
export class BackOff {
  #wait = waitMillisecondsMin;

  /** Milliseconds: between half of the wait and the whole. */
  next(random: number = Math.random()): number {
    const wait = this.#wait * (0.5 + random / 2);
    this.#wait = Math.min(this.#wait * 2, waitMillisecondsMax);
    return wait;
  }

  /** It went well: the next wait is the first one. */
  reset(): void {
    this.#wait = waitMillisecondsMin;
  }
}
