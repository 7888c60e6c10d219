import { join } from 'node:path';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import { LogSpool } from './log-spool.ts';
import { BuildLog } from './log.ts';
import type { ReadLog } from './log.ts';
import type { ConnectedRunner, RunnerLink } from '../tunnel/runner-link.ts';

type Named = Pick<BuildOrder, 'attempt' | 'derivationPath'>;

// Made once: an abort without a reason makes an error each time.
const logIsOver = new Error('the build is over');

/** The log of one attempt, kept until it is disposed: the next runner may not have what the last one had. */
export class AttemptLog implements Disposable {
  readonly #order: Named;
  readonly #spool: LogSpool;
  #deliveredTo: ConnectedRunner | undefined;

  constructor(order: Named, place: { readonly logFolder: string; readonly logger: Logger }) {
    this.#order = order;
    const path = join(place.logFolder, `${order.attempt}.log`);
    this.#spool = new LogSpool(path, (error) =>
      place.logger.warn(
        { path, error: describeError(error) },
        'a log is kept in memory until it can be written',
      ),
    );
  }

  /**
   * Has `build` write to it. The log is sent as it grows, to each runner from where that one has it on. Resolves when the
   * build is over and the runner has all of it, or is away.
   */
  async take<Result>(
    place: { readonly link: RunnerLink; readonly logger: Logger },
    signal: AbortSignal,
    build: (log: BuildLog) => Promise<Result>,
  ): Promise<Result> {
    const { link, logger } = place;
    const over = new AbortController();
    const log = new BuildLog({
      spool: this.#spool,
      send: (read) => this.#send(link, read, AbortSignal.any([signal, over.signal])),
      sendAtOnce: link.current?.wantsEveryLog === true,
      logger,
    });
    try {
      return await build(log);
    } finally {
      await link.untilLost(log.end());
      over.abort(logIsOver);
    }
  }

  /** The runner gets what it lacks, if it is not the one that got it all. */
  async complete(runner: ConnectedRunner, signal: AbortSignal): Promise<void> {
    if (this.#deliveredTo === runner || this.#spool.bytes === 0) return;
    if ((runner.logBytes.get(this.#order.attempt) ?? 0) >= this.#spool.bytes) return;
    await this.#deliver(runner, (position) => this.#rest(position), signal);
  }

  /** For the next life of the builder. */
  keep(): void {
    this.#spool.keep();
  }

  drop(): void {
    this.#spool.drop();
  }

  [Symbol.dispose](): void {
    this.#spool[Symbol.dispose]();
  }

  async #send(link: RunnerLink, read: ReadLog, signal: AbortSignal): Promise<void> {
    try {
      await link.through(signal, (runner) => this.#deliver(runner, read, signal));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #deliver(runner: ConnectedRunner, read: ReadLog, signal: AbortSignal): Promise<void> {
    const { attempt, derivationPath: derivation } = this.#order;
    const offset = runner.logBytes.get(attempt) ?? 0;
    const log = { derivation, attempt, offset, data: read(offset) };
    await runner.client.sendLog(log, { signal });
    this.#deliveredTo = runner;
  }

  async *#rest(position: number): AsyncGenerator<Uint8Array> {
    for (let next = position; next < this.#spool.bytes;) {
      const piece = this.#spool.read(next);
      next += piece.length;
      yield piece;
    }
  }
}
