import type { DerivationPath } from '@iolaus/nix';
import { describeError } from '../../fault/fault.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import { unmeasured } from '../../protocol/attempt-report.ts';
import type { StoredReport } from '../../protocol/stored-report.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { HeldAttempt } from '../../protocol/join.ts';
import { AttemptLog } from '../log/attempt-log.ts';
import { dropResult, keepResult } from './kept-results.ts';
import type { FinishedAttempt } from './kept-results.ts';
import { runAttempt } from './attempt.ts';
import type { Workplace } from './attempt.ts';

type Held = {
  readonly derivation: DerivationPath;
  readonly fence: number;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
};

// Why an attempt is stopped.
const unwanted = new Error('the runner does not want it any more');
const leaving = new Error('the builder ends');

/** The attempts that are under way on this machine, until the runner has recorded how they ended. */
export class Attempts {
  readonly #place: Workplace;
  readonly #held = new Map<AttemptUuid, Held>();
  /** Called when an attempt has begun or is over. */
  readonly #onChange: () => void;

  constructor(place: Workplace, onChange: () => void = () => {}) {
    this.#place = place;
    this.#onChange = onChange;
  }

  /** What is under way, or waits for its turn or its runner. */
  get derivations(): readonly DerivationPath[] {
    return [...this.#held.values()].map(({ derivation }) => derivation);
  }

  /** What the runner is told when the builder comes back. */
  held(): HeldAttempt[] {
    return [...this.#held].map(([attempt, { fence }]) => ({ attempt, fence }));
  }

  /** Begins what was ordered; an order that comes twice is begun once. */
  start(order: BuildOrder): void {
    this.#hold(order, (signal) => this.#run(order, signal));
  }

  /** Takes up what an earlier life of the builder has finished. */
  restore(finished: FinishedAttempt): void {
    const { attempt } = finished.report;
    this.#hold({ ...finished, attempt }, async (signal) => {
      using log = new AttemptLog({ ...finished, attempt }, this.#place);
      await this.#deliver(finished, log, signal);
    });
  }

  /** Reports an attempt that cannot even be begun. */
  refuse(attempt: AttemptUuid, message: string): void {
    const report: StoredReport = {
      attempt,
      result: { type: 'failed', failure: 'preparing-failed', message },
      ...unmeasured,
    };
    const told = this.#place.link.current?.reports.complete(report);
    told?.catch((error: unknown) => this.#unreported(attempt, error));
  }

  /** Stops an attempt, of which the runner wants to hear no more. */
  abort(attempt: AttemptUuid): void {
    this.#held.get(attempt)?.abort.abort(unwanted);
  }

  /** Nobody wants to hear of any of them. Resolves when all of them have stopped. */
  async abortAll(): Promise<void> {
    await this.#endAll(unwanted);
  }

  /** The builder ends; what is finished is kept for its next life. Resolves when all of them have stopped. */
  async leaveAll(): Promise<void> {
    await this.#endAll(leaving);
  }

  async #endAll(reason: Error): Promise<void> {
    const all = [...this.#held.values()];
    for (const { abort } of all) abort.abort(reason);
    await Promise.all(all.map(({ ended }) => ended));
  }

  /** Never rejects. */
  #hold(
    { attempt, fence, derivationPath }: Pick<BuildOrder, 'attempt' | 'fence' | 'derivationPath'>,
    work: (signal: AbortSignal) => Promise<void>,
  ): void {
    if (this.#held.has(attempt)) return;
    const abort = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    // Known before it begins: it may be over at once.
    this.#held.set(attempt, { derivation: derivationPath, fence, abort, ended });
    this.#onChange();
    void work(abort.signal)
      .catch((error: unknown) => {
        if (!abort.signal.aborted) this.#unreported(attempt, error);
      })
      .finally(() => {
        this.#held.delete(attempt);
        this.#place.link.forget(attempt);
        resolve();
        this.#onChange();
      });
  }

  async #run(order: BuildOrder, signal: AbortSignal): Promise<void> {
    using log = new AttemptLog(order, this.#place);
    const report = await runAttempt(order, this.#place, log, signal);
    const { fence, derivationPath } = order;
    await this.#deliver({ fence, derivationPath, report }, log, signal);
  }

  /** A result that does not reach the runner at once is kept on disk until it does. */
  async #deliver(finished: FinishedAttempt, log: AttemptLog, signal: AbortSignal): Promise<void> {
    const { link, logFolder, logger } = this.#place;
    const { report } = finished;
    let isKept = false;
    const keep = (): void => {
      if (isKept) return;
      isKept = true;
      try {
        keepResult(logFolder, finished);
        log.keep();
      } catch (error) {
        // As long as this life lasts nothing is lost.
        logger.warn({ error: describeError(error) }, 'a result could not be kept on disk');
      }
    };
    // A result is no worse for a log that the runner refuses.
    const withoutLog = (error: unknown): void => {
      signal.throwIfAborted();
      logger.warn({ error: describeError(error) }, 'the log of a build did not reach the runner');
    };
    try {
      if (link.current === undefined) keep();
      await link.through(signal, async (runner) => {
        await log.complete(runner, signal).catch(withoutLog);
        await runner.reports.complete(report).catch((error: unknown) => {
          keep();
          throw error;
        });
      });
    } finally {
      if (isKept && signal.reason !== leaving) {
        dropResult(logFolder, report);
        log.drop();
      }
    }
  }

  #unreported(attempt: AttemptUuid, error: unknown): void {
    this.#place.logger.warn(
      { attempt, error: describeError(error) },
      'the runner could not be told how an attempt ended',
    );
  }
}
