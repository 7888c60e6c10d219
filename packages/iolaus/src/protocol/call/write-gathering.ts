import type { Writable } from 'node:stream';

/**
 * Lets what is written in a burst go out together, for each write wakes processes on both sides: the first goes at once,
 * and what follows within so many milliseconds goes with the next.
 */
export class WriteGathering {
  readonly #stream: Writable;
  readonly #milliseconds: number;
  #wentAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Writable, milliseconds: number) {
    this.#stream = stream;
    this.#milliseconds = milliseconds;
  }

  write(chunk: Uint8Array): void {
    this.#holdBack();
    this.#stream.write(chunk);
    // What is held back must not keep the writer waiting for room.
    if (this.#stream.writableNeedDrain) this.release();
  }

  /** Sends what is held back. */
  release(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wentAt = performance.now();
    this.#stream.uncork();
  }

  #holdBack(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#wentAt + this.#milliseconds - performance.now();
    if (wait <= 0) {
      this.#wentAt = performance.now();
      return;
    }
    this.#stream.cork();
    this.#timer = setTimeout(() => this.release(), wait);
  }
}
