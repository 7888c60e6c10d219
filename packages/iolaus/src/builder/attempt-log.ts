import { join } from 'node:path';
import type { Logger } from '../logging/logger.ts';
import type { BuildOrder } from '../protocol/build-order.ts';
import { LogSpool } from './log-spool.ts';
import { BuildLog } from './log.ts';
import type { ReadLog } from './log.ts';
import type { ConnectedRunner, RunnerLink } from './runner-link.ts';

/** The log of one attempt, kept until it is disposed: the next runner may not have what the last one had. */
export class AttemptLog implements Disposable {
  readonly #order: BuildOrder;
  readonly #spool: LogSpool;
  #deliveredTo: ConnectedRunner | undefined;

  constructor(order: BuildOrder, folder: string) {
    this.#order = order;
    this.#spool = new LogSpool(join(folder, `${order.attempt}.log`));
  }

  /** For the build to write to. It is sent as it grows, from where each runner has it on. */
  begin(link: RunnerLink, logger: Logger, signal: AbortSignal): BuildLog {
    return new BuildLog({
      spool: this.#spool,
      send: (read) => link.through(signal, (runner) => this.#deliver(runner, read, signal)),
      sendAtOnce: link.current?.wantsEveryLog === true,
      logger,
    });
  }

  /** The runner gets what it lacks, if it is not the one that got it all. */
  async complete(runner: ConnectedRunner, signal: AbortSignal): Promise<void> {
    if (this.#deliveredTo === runner || this.#spool.bytes === 0) return;
    if ((runner.logBytes.get(this.#order.attempt) ?? 0) >= this.#spool.bytes) return;
    await this.#deliver(runner, (position) => this.#rest(position), signal);
  }

  [Symbol.dispose](): void {
    this.#spool[Symbol.dispose]();
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
