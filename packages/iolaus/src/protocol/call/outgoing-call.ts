import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { CallError } from '../call-error.ts';
import { unlimited } from './gathering.ts';
import { readMessages } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import { statusError } from './status.ts';

/** A call as the caller sees it. */
export class OutgoingCall {
  readonly writer: MessageWriter;
  /** How it ended: null if well. Known as soon as the other side says so. Never rejects. */
  readonly outcome: Promise<CallError | null>;
  readonly #stream: ClientHttp2Stream;
  readonly #settle: (outcome: CallError | null) => void;

  /** `whyLost` is asked when the stream closes without a word. */
  constructor(
    stream: ClientHttp2Stream,
    signal: AbortSignal | undefined,
    whyLost: (streamError: unknown) => CallError,
  ) {
    this.#stream = stream;
    this.writer = new MessageWriter(stream);
    const { promise, resolve } = Promise.withResolvers<CallError | null>();
    this.outcome = promise;
    this.#settle = resolve;
    stream.once('response', (headers) => this.#readAnswer(headers));
    stream.once('trailers', (headers: IncomingHttpHeaders) => this.#readStatus(headers));
    stream.on('error', (error) => resolve(whyLost(error)));
    const cancel = (): void => this.cancel(signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    stream.once('close', () => {
      signal?.removeEventListener('abort', cancel);
      resolve(whyLost(undefined));
    });
  }

  /**
   * What the other side answers, to be read once and to the end: leaving the loop early gives up the call. Throws
   * `CallError` if the call fails.
   */
  async *messages(): AsyncGenerator<Uint8Array, void, void> {
    let failure: unknown;
    let ended = false;
    try {
      yield* readMessages(this.#stream, unlimited);
      ended = true;
    } catch (error) {
      failure = error;
    } finally {
      if (!ended) this.cancel(failure);
    }
    const outcome = await this.outcome;
    if (outcome !== null) throw outcome;
  }

  /** Gives up the call; the other side sees that it was not ended well. No effect on a call that is over. */
  cancel(reason?: unknown): void {
    if (this.#stream.closed || this.#stream.destroyed) return;
    this.#settle(
      reason instanceof CallError
        ? reason
        : new CallError('cancelled', 'the call was given up', { cause: reason }),
    );
    // Node sends CANCEL for an error of this name only; `close` would first send a false end of our messages.
    this.#stream.destroy(new DOMException('the call was given up', 'AbortError'));
  }

  #readAnswer(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    const status = headers[':status'];
    if (headers['grpc-status'] !== undefined) this.#readStatus(headers);
    else if (status !== 200) {
      this.cancel(new CallError('unavailable', `the answer is HTTP status ${status}`));
    }
  }

  #readStatus(headers: IncomingHttpHeaders): void {
    const { 'grpc-status': status, 'grpc-message': message } = headers;
    if (typeof status !== 'string') return;
    this.#settle(statusError(status, typeof message === 'string' ? message : undefined));
    // Nobody listens to what we still have to say.
    this.#stream.end();
  }
}
