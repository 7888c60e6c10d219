import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';
import { readArchive } from './download.ts';
import { explain } from './explain.ts';
import { shakeHands } from './handshake.ts';
import type { Greeting } from './handshake.ts';
import type { Listener } from './listener.ts';
import type { Operation } from './operations/operation.ts';
import type { ProtocolVersion } from './protocol.ts';
import { OperationFailed, readMessages } from './read-messages.ts';
import { Turns } from './turns.ts';
import { upload } from './upload.ts';
import type { Data } from './upload.ts';
import { WireReader } from './wire/reader.ts';
import type { Wire } from './wire/wire.ts';
import { WireWriter } from './wire/writer.ts';

/** How many questions may wait for answers, so that neither side has to hold too much. */
const mostQuestionsAhead = 1000;

/** How a question is asked. */
export type AskOptions = Listener & {
  /**
   * Gives the question up. If it was sent already, the connection is closed, which is the only way to
   * stop a daemon. For a timeout, give `AbortSignal.timeout(milliseconds)`.
   */
  readonly signal?: AbortSignal;
};

/**
 * One conversation with a daemon: exchanges take turns in the order they were asked for. After an
 * error of the daemon's the conversation goes on; after any other it is over, since nobody knows then
 * what the next byte means.
 */
export class Channel {
  readonly greeting: Greeting;
  readonly #wire: Wire;
  readonly #turns = new Turns(1);

  private constructor(wire: Wire, greeting: Greeting) {
    this.#wire = wire;
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
      return new Channel({ stream, reader, directory, protocol: greeting.protocol }, greeting);
    } catch (error) {
      stream.destroy();
      const cause = explain('handshake', error);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DaemonError('refused', `The Nix daemon refused the connection: ${reason}`, {
        cause,
      });
    }
  }

  get isOpen(): boolean {
    return this.#wire.reader.ended === null;
  }

  ask<Request, Reply>(
    operation: Operation<Request, Reply>,
    request: Request,
    options: AskOptions = {},
  ): Promise<Reply> {
    return this.#inTurn(operation, [request], options.signal, () =>
      this.#readAnswer(operation, options),
    );
  }

  /**
   * Asks many questions ahead of their answers, which come in order. `onAnswer` may add to `requests`; when it has
   * been told all, that is the end. If some fail, so does this, after all are answered.
   */
  askAhead<Request, Reply>(
    operation: Operation<Request, Reply>,
    requests: readonly Request[],
    onAnswer: (answer: Reply, index: number) => void,
    options: AskOptions = {},
  ): Promise<void> {
    const first = requests.slice(0, mostQuestionsAhead);
    return this.#inTurn(operation, first, options.signal, async () => {
      let asked = first.length;
      let failure: OperationFailed | undefined;
      for (let answered = 0; answered < requests.length; answered++) {
        if (asked < requests.length && asked - answered <= mostQuestionsAhead / 2) {
          const ahead = requests.slice(asked, answered + mostQuestionsAhead);
          this.#send(this.#encode(operation, ahead));
          asked += ahead.length;
        }
        try {
          onAnswer(await this.#readAnswer(operation, options), answered);
        } catch (error) {
          if (!(error instanceof OperationFailed)) throw error;
          failure ??= error;
        }
      }
      if (failure !== undefined) throw failure;
    });
  }

  /** Asks with data behind the question. */
  upload<Request, Reply>(
    operation: Operation<Request, Reply>,
    request: Request,
    data: Data,
    options: AskOptions = {},
  ): Promise<Reply> {
    return this.#inTurn(operation, [request], options.signal, async () => {
      await upload(this.#wire, operation.data(this.#wire.protocol), data, options);
      return operation.reply.read(this.#wire.reader, this.#wire.protocol);
    });
  }

  /** Asks for an archive of `size` bytes. Leaving it unfinished ends the conversation. */
  async *download<Request>(
    operation: Operation<Request, void>,
    request: Request,
    size: number,
    options: AskOptions = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    using _turn = await this.#turns.take(options.signal);
    using _abortion = this.#endOnAbort(options.signal);
    this.#assertOpen();
    let complete = false;
    try {
      this.#send(this.#encode(operation, [request]));
      await this.#readAnswer(operation, options);
      yield* readArchive(this.#wire, size);
      complete = true;
    } catch (error) {
      options.signal?.throwIfAborted();
      throw explain(operation.name, error);
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

  async #inTurn<T, Request, Reply>(
    operation: Operation<Request, Reply>,
    requests: readonly Request[],
    signal: AbortSignal | undefined,
    exchange: () => Promise<T>,
  ): Promise<T> {
    using _turn = await this.#turns.take(signal);
    using _abortion = this.#endOnAbort(signal);
    this.#assertOpen();
    this.#assertKnown(operation);
    // What the protocol cannot express fails here, before anything is sent.
    const encoded = this.#encode(operation, requests);
    try {
      this.#send(encoded);
      return await exchange();
    } catch (error) {
      if (!(error instanceof OperationFailed) || operation.refusalIsFatal) this.destroy();
      signal?.throwIfAborted();
      throw explain(operation.name, error);
    }
  }

  #endOnAbort(signal: AbortSignal | undefined): Disposable {
    const destroy = () => this.destroy();
    signal?.addEventListener('abort', destroy, { once: true });
    return { [Symbol.dispose]: () => signal?.removeEventListener('abort', destroy) };
  }

  #encode<Request, Reply>(
    { number, request }: Operation<Request, Reply>,
    requests: readonly Request[],
  ): Buffer {
    const { directory, protocol } = this.#wire;
    const writer = new WireWriter(directory);
    for (const each of requests) request.write(writer.int(number), each, protocol);
    return writer.finish();
  }

  /** Doesn't wait until it is sent: the daemon may need to be heard before it takes more. */
  #send(encoded: Buffer): void {
    this.#wire.stream.write(encoded);
  }

  async #readAnswer<Request, Reply>(
    { reply }: Operation<Request, Reply>,
    listener: Listener,
  ): Promise<Reply> {
    const { reader, protocol } = this.#wire;
    await readMessages(reader, protocol, listener);
    return reply.read(reader, protocol);
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

  #assertKnown<Request, Reply>({ name, lacking }: Operation<Request, Reply>): void {
    const lack = lacking(this.#wire.protocol);
    if (lack !== null)
      throw new DaemonError('unsupported', `This daemon does not know ${name}: ${lack}`);
  }
}
