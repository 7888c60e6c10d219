import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';

// What a chatty build may be ahead of the network; beyond it, the build waits.
const queueBytesMax = 1024 * 1024;
const newline = Buffer.from('\n');

/**
 * The log of a build on its way to the runner. The stream to the runner is opened with the first line, or at once if
 * the runner wants one for every build. If it breaks, the rest of the log is lost, but the build goes on.
 */
export class BuildLog {
  readonly #open: (data: AsyncIterable<Uint8Array>) => Promise<void>;
  readonly #logger: Logger;
  #sending: Promise<void> | undefined;
  #queued: Uint8Array[] = [];
  #queuedBytes = 0;
  #totalBytes = 0;
  #state: 'open' | 'ended' | 'lost' = 'open';
  #changed = Promise.withResolvers<void>();
  #drained = Promise.withResolvers<void>();

  constructor(options: {
    /** Sends the log; resolves when the runner has it. */
    readonly open: (data: AsyncIterable<Uint8Array>) => Promise<void>;
    readonly openAtOnce: boolean;
    readonly logger: Logger;
  }) {
    this.#open = options.open;
    this.#logger = options.logger;
    if (options.openAtOnce) this.#sending = this.#send();
  }

  /** With the newlines; counted even if nobody takes them any more. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Adds a line, without its newline; any bytes. While a returned promise is pending there should be no more. */
  write(line: Uint8Array): void | Promise<void> {
    this.#totalBytes += line.length + newline.length;
    if (this.#state !== 'open') return;
    this.#sending ??= this.#send();
    // The daemon's reader may use its buffer again.
    this.#queued.push(Buffer.from(line), newline);
    this.#queuedBytes += line.length + newline.length;
    this.#changed.resolve();
    if (this.#queuedBytes >= queueBytesMax) return this.#drained.promise;
  }

  /** No more lines; resolves when the runner has all of them, or never will. */
  async end(): Promise<void> {
    if (this.#state === 'open') this.#state = 'ended';
    this.#changed.resolve();
    await this.#sending;
  }

  async #send(): Promise<void> {
    try {
      await this.#open(this.#pieces());
    } catch (error) {
      this.#logger.warn(
        { error: describeError(error) },
        'the log of a build did not reach the runner',
      );
    } finally {
      this.#state = 'lost';
      this.#take();
    }
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      await this.#changed.promise;
      // What arrived from the daemon together goes out together.
      await nextTurn();
      this.#changed = Promise.withResolvers();
      const piece = this.#take();
      if (piece.length > 0) yield piece;
      else if (this.#state !== 'open') return;
      if (this.#state !== 'open') this.#changed.resolve();
    }
  }

  #take(): Uint8Array {
    const piece = Buffer.concat(this.#queued);
    this.#queued = [];
    this.#queuedBytes = 0;
    this.#drained.resolve();
    this.#drained = Promise.withResolvers();
    return piece;
  }
}
