import { describeError } from '../fault/fault.ts';
import type { BuildOrder } from '../protocol/build-order.ts';
import type { AttemptUuid } from '../protocol/identity.ts';
import type { HeldAttempt } from '../protocol/join.ts';
import { AttemptLog } from './attempt-log.ts';
import { runAttempt } from './attempt.ts';
import type { Workplace } from './attempt.ts';
import type { UnsignedReport } from './reports.ts';

type Running = {
  readonly fence: number;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
};

/** The attempts that are under way on this machine, until the runner has recorded how they ended. */
export class Attempts {
  readonly #place: Workplace;
  readonly #running = new Map<AttemptUuid, Running>();

  constructor(place: Workplace) {
    this.#place = place;
  }

  /** What the runner is told when the builder comes back. */
  held(): HeldAttempt[] {
    return [...this.#running].map(([attempt, { fence }]) => ({ attempt, fence }));
  }

  /** Begins what was ordered; an order that comes twice is begun once. */
  start(order: BuildOrder): void {
    if (this.#running.has(order.attempt)) return;
    const abort = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    // Known before it begins: it may be over at once.
    this.#running.set(order.attempt, { fence: order.fence, abort, ended });
    void this.#run(order, abort.signal).finally(() => {
      this.#running.delete(order.attempt);
      resolve();
    });
  }

  /** Reports an attempt that cannot even be begun. */
  refuse(attempt: AttemptUuid, message: string): void {
    const report: UnsignedReport = {
      attempt,
      result: { type: 'failed', failure: 'preparing-failed', message },
      importMilliseconds: 0,
      buildMilliseconds: 0,
      uploadMilliseconds: 0,
      cached: false,
      startedAt: null,
      stoppedAt: null,
      cpuUserMicroseconds: null,
      cpuSystemMicroseconds: null,
    };
    const told = this.#place.link.current?.reports.complete(report);
    told?.catch((error: unknown) => this.#unreported(attempt, error));
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
    const { link, logFolder } = this.#place;
    try {
      using log = new AttemptLog(order, logFolder);
      const report = await runAttempt(order, this.#place, log, signal);
      await link.through(signal, async (runner) => {
        await log.complete(runner, signal);
        await runner.reports.complete(report);
      });
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
