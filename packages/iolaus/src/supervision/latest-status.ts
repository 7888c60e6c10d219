// Telling costs a process of its own, and a person reads no faster.
const pauseMilliseconds = 1_000;

/** Tells a status at once, then no more often than once a second: of those that came meanwhile the last. */
export class LatestStatus {
  readonly #tell: (text: string) => Promise<void>;
  #waiting: string | undefined;
  #telling: Promise<void> | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(tell: (text: string) => Promise<void>) {
    this.#tell = tell;
  }

  /** Resolves when it is told, if it is told now. */
  async tell(text: string): Promise<void> {
    this.#waiting = text;
    if (this.#pause !== undefined) return;
    this.#waiting = undefined;
    this.#pause = setTimeout(() => this.#next(), pauseMilliseconds).unref();
    await (this.#telling = this.#tell(text));
  }

  /** What is not told yet is not told any more. Resolves when nobody tells anything. */
  async close(): Promise<void> {
    clearTimeout(this.#pause);
    this.#waiting = undefined;
    await this.#telling;
  }

  #next(): void {
    this.#pause = undefined;
    if (this.#waiting !== undefined) void this.tell(this.#waiting);
  }
}
