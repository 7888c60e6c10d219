type Part = 'import' | 'build' | 'upload';

/** Measures the parts of an attempt, whether they succeed or not. */
export class Stopwatch {
  readonly #milliseconds: Record<Part, number> = { import: 0, build: 0, upload: 0 };
  #startedAt: number | null = null;
  #stoppedAt: number | null = null;

  async time<Result>(part: Part, work: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    if (part === 'build') this.#startedAt = Date.now();
    try {
      return await work();
    } finally {
      this.#milliseconds[part] = Math.round(performance.now() - begin);
      if (part === 'build') this.#stoppedAt = Date.now();
    }
  }

  /** As a report has them; start and stop of the build itself in milliseconds since the epoch. */
  times() {
    return {
      importMilliseconds: this.#milliseconds.import,
      buildMilliseconds: this.#milliseconds.build,
      uploadMilliseconds: this.#milliseconds.upload,
      startedAt: this.#startedAt,
      stoppedAt: this.#stoppedAt,
    };
  }
}
