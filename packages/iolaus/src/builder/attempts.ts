import { describeError } from '../fault/fault.ts';
import type { BuildOrder } from '../protocol/build-order.ts';
import type { AttemptUuid } from '../protocol/identity.ts';
import { runAttempt } from './attempt.ts';
import type { Workplace } from './attempt.ts';

type Running = { readonly abort: AbortController; readonly ended: Promise<void> };

/** The attempts that are under way on this machine for one runner. */
export class Attempts {
  readonly #place: Workplace;
  readonly #running = new Map<AttemptUuid, Running>();

  constructor(place: Workplace) {
    this.#place = place;
  }

  get count(): number {
    return this.#running.size;
  }

  /** Begins what was ordered; an order that comes twice is begun once. */
  start(order: BuildOrder): void {
    if (this.#running.has(order.attempt)) return;
    const abort = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    // Known before it begins: it may be over at once.
    this.#running.set(order.attempt, { abort, ended });
    void this.#run(order, abort.signal).finally(() => {
      this.#running.delete(order.attempt);
      resolve();
    });
  }

  /** Reports an attempt that cannot even be begun. */
  refuse(attempt: AttemptUuid, message: string): void {
    const report = this.#place.reports.complete({
      attempt,
      machine: this.#place.machine,
      result: { type: 'failed', failure: 'preparing-failed', message },
      importMilliseconds: 0,
      buildMilliseconds: 0,
      uploadMilliseconds: 0,
      cached: false,
      startedAt: null,
      stoppedAt: null,
      cpuUserMicroseconds: null,
      cpuSystemMicroseconds: null,
    });
    void report.catch((error: unknown) => this.#unreported(attempt, error));
  }

  /** Stops an attempt, of which the runner wants to hear no more. */
  abort(attempt: AttemptUuid): void {
    this.#running.get(attempt)?.abort.abort();
  }

  /** Resolves when all of them have stopped. */
  async abortAll(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { abort } of all) abort.abort();
    await Promise.all(all.map(({ ended }) => ended));
  }

  /** Never rejects. */
  async #run(order: BuildOrder, signal: AbortSignal): Promise<void> {
    try {
      const report = await runAttempt(order, this.#place, signal);
      await this.#place.reports.complete(report);
    } catch (error) {
      if (!signal.aborted) this.#unreported(order.attempt, error);
    }
  }

  #unreported(attempt: AttemptUuid, error: unknown): void {
    this.#place.logger.warn(
      { attempt, error: describeError(error) },
      'the runner could not be told how an attempt ended',
    );
  }
}
