import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { LogSpool } from './log-spool.ts';

const newline = Buffer.from('\n');

/** The log from a position on, as it grows. Whoever reads later takes over from who reads now. */
export type ReadLog = (position: number) => AsyncIterable<Uint8Array>;

/**
 * The log of a build on its way to the runner. The stream to the runner is opened with the first line, or at once if
 * the runner wants one for every build. All of it is kept: nobody waits for a slow runner, nor for one that is away. If
 * the runner does not take it, the rest of the log is lost, but the build goes on.
 */
export class BuildLog {
  readonly #spool: LogSpool;
  readonly #send: (read: ReadLog) => Promise<void>;
  readonly #logger: Logger;
  #sending: Promise<void> | undefined;
  #reader: symbol | undefined;
  #totalBytes = 0;
  #state: 'open' | 'ended' | 'lost' = 'open';
  #changed = Promise.withResolvers<void>();

  constructor(options: {
    readonly spool: LogSpool;
    /** Sends the log; resolves when the runner has it. May read it several times, each time from another position. */
    readonly send: (read: ReadLog) => Promise<void>;
    readonly sendAtOnce: boolean;
    readonly logger: Logger;
  }) {
    this.#spool = options.spool;
    this.#send = options.send;
    this.#logger = options.logger;
    if (options.sendAtOnce) this.#sending = this.#sendAll();
  }

  /** With the newlines; counted even if nobody takes them any more. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Adds a line, without its newline; any bytes. */
  write(line: Uint8Array): void {
    this.#totalBytes += line.length + newline.length;
    if (this.#state !== 'open') return;
    // The daemon's reader may use its buffer again.
    this.#spool.append(Buffer.from(line), newline);
    this.#sending ??= this.#sendAll();
    this.#changed.resolve();
  }

  /** No more lines; resolves when the runner has all of them, or never will. */
  async end(): Promise<void> {
    if (this.#state === 'open') this.#state = 'ended';
    this.#changed.resolve();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    try {
      await this.#send((position) => this.#read(position));
    } catch (error) {
      this.#logger.warn(
        { error: describeError(error) },
        'the log of a build did not reach the runner',
      );
    } finally {
      this.#state = 'lost';
    }
  }

  async *#read(position: number): AsyncGenerator<Uint8Array> {
    const reader = Symbol('reader');
    this.#reader = reader;
    let next = position;
    for (;;) {
      // What arrived from the daemon together goes out together.
      await nextTurn();
      if (this.#reader !== reader) return;
      const piece = this.#spool.read(next);
      next += piece.length;
      if (piece.length > 0) yield piece;
      else if (this.#state === 'open') await this.#nextChange();
      else return;
    }
  }

  async #nextChange(): Promise<void> {
    this.#changed = Promise.withResolvers();
    await this.#changed.promise;
  }
}
