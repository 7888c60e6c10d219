import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { NixFormatError } from '../format-error.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';
import { readArchive } from './download.ts';
import { shakeHands } from './handshake.ts';
import type { Greeting } from './handshake.ts';
import { OperationFailed, readMessages } from './messages.ts';
import type { Listener } from './messages.ts';
import type { Operation } from './operations/operation.ts';
import type { ProtocolVersion } from './protocol.ts';
import { Turns } from './turns.ts';
import { WireReader } from './wire/reader.ts';
import type { Wire } from './wire/wire.ts';
import { WireWriter } from './wire/writer.ts';

/** How many questions may wait for answers, so that neither side has to hold too much. */
const mostQuestionsAhead = 1000;

/** Sends data behind a request, and returns when the daemon has taken it. */
type Upload = (wire: Wire, data: AsyncIterable<Uint8Array>) => Promise<void>;

/**
 * One conversation with a daemon: exchanges take turns in the order they were asked for. After an
 * error of the daemon's the conversation goes on; after any other it is over, since nobody knows then
 * what the next byte means.
 */
export class Channel {
  readonly greeting: Greeting;
  readonly #wire: Wire;
  readonly #directory: StoreDirectory;
  readonly #turns = new Turns(1);

  private constructor(wire: Wire, directory: StoreDirectory, greeting: Greeting) {
    this.#wire = wire;
    this.#directory = directory;
    this.greeting = greeting;
  }

  /** @throws DaemonError (`refused`) */
  static async open(
    stream: Duplex,
    directory: StoreDirectory,
    version: ProtocolVersion,
  ): Promise<Channel> {
    const reader = new WireReader(stream, directory);
    try {
      const greeting = await shakeHands(stream, reader, directory, version);
      return new Channel({ stream, reader, protocol: greeting.protocol }, directory, greeting);
    } catch (cause) {
      stream.destroy();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DaemonError('refused', `The Nix daemon refused the connection: ${reason}`, {
        cause,
      });
    }
  }

  get isOpen(): boolean {
    return this.#wire.reader.ended === null;
  }

  ask<Answer>(operation: Operation<Answer>, listener?: Listener): Promise<Answer> {
    return this.#inTurn(async () => {
      this.#write([operation]);
      return this.#readAnswer(operation, listener);
    });
  }

  /** Sends many questions ahead of their answers. If some fail, so does this, after all are answered. */
  async askAll<Answer>(operations: readonly Operation<Answer>[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let start = 0; start < operations.length; start += mostQuestionsAhead) {
      const some = operations.slice(start, start + mostQuestionsAhead);
      answers.push(...(await this.#inTurn(() => this.#askAhead(some))));
    }
    return answers;
  }

  /** Asks with data behind the question. */
  upload<Answer>(
    operation: Operation<Answer>,
    data: AsyncIterable<Uint8Array>,
    upload: Upload,
  ): Promise<Answer> {
    return this.#inTurn(async () => {
      this.#write([operation]);
      await upload(this.#wire, data);
      return operation.read(this.#wire.reader, this.#wire.protocol);
    });
  }

  /** Asks for an archive of `size` bytes. Leaving it unfinished ends the conversation. */
  async *download(
    operation: Operation<void>,
    size: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    using _turn = await this.#turns.take();
    this.#assertOpen();
    let complete = false;
    try {
      this.#write([operation]);
      await this.#readAnswer(operation);
      yield* readArchive(this.#wire, size);
      complete = true;
    } catch (error) {
      throw explain(error);
    } finally {
      if (!complete) this.destroy();
    }
  }

  /** Ends the conversation when the exchanges that were asked for are over. */
  async close(): Promise<void> {
    using _turn = await this.#turns.take();
    this.destroy();
  }

  /** Ends it at once; whatever the daemon does for us is cancelled. */
  destroy(): void {
    this.#wire.reader.end(new DaemonError('closed', 'The connection was closed'));
    this.#wire.stream.destroy();
  }

  /** Resolves when nothing is left of it. */
  async closed(): Promise<void> {
    if (!this.#wire.stream.closed) await once(this.#wire.stream, 'close');
  }

  async #inTurn<T>(exchange: () => Promise<T>): Promise<T> {
    using _turn = await this.#turns.take();
    this.#assertOpen();
    try {
      return await exchange();
    } catch (error) {
      if (!(error instanceof OperationFailed)) this.destroy();
      throw explain(error);
    }
  }

  async #askAhead<Answer>(operations: readonly Operation<Answer>[]): Promise<Answer[]> {
    this.#write(operations);
    const answers: Answer[] = [];
    const failures: OperationFailed[] = [];
    for (const operation of operations) {
      try {
        answers.push(await this.#readAnswer(operation));
      } catch (error) {
        if (!(error instanceof OperationFailed)) throw error;
        failures.push(error);
      }
    }
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    return answers;
  }

  /** Doesn't wait until it is sent: the daemon may need to be heard before it takes more. */
  #write(operations: readonly Operation<unknown>[]): void {
    const request = new WireWriter(this.#directory);
    for (const operation of operations) operation.write(request, this.#wire.protocol);
    this.#wire.stream.write(request.finish());
  }

  async #readAnswer<Answer>(operation: Operation<Answer>, listener?: Listener): Promise<Answer> {
    const { reader, protocol } = this.#wire;
    await readMessages(reader, protocol, listener);
    return operation.read(reader, protocol);
  }

  #assertOpen(): void {
    const { reader } = this.#wire;
    if (reader.ended !== null)
      throw new DaemonError('closed', reader.ended.message, { cause: reader.ended });
    if (reader.bufferedBytes === 0) return;
    // Errors that a daemon finds while reading a request come twice, and then it hangs up.
    this.destroy();
    throw new DaemonError('closed', 'The daemon gave up the conversation after an error');
  }
}

/** What cannot be understood is a fault of the daemon; everything else says itself what it is. */
function explain(error: unknown): unknown {
  if (error instanceof OperationFailed) return new DaemonError('operation', error.message);
  if (error instanceof NixFormatError || error instanceof SyntaxError)
    return new DaemonError('protocol', `The daemon's answer makes no sense: ${error.message}`, {
      cause: error,
    });
  return error;
}
