import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { CallError } from '../call-error.ts';
import type { Caller } from '../caller.ts';
import { claimOf } from './gathering.ts';
import { readMessages } from './message-reader.ts';
import { MessageWriter } from './message-writer.ts';
import { okHeaders, statusHeaders } from './status.ts';
import type { StatusHeaders } from './status.ts';

// A caller that has its answer closes its side as well; one that does not is cut off after this time.
const lingerMilliseconds = 5_000;

const answerHeaders = { ':status': 200, 'content-type': 'application/grpc' } as const;

/** A call as the side that answers sees it. */
export class IncomingCall {
  readonly headers: IncomingHttpHeaders;
  readonly caller: Caller;
  /** What the caller sends; to be read once. */
  readonly messages: AsyncIterable<Uint8Array>;
  readonly #stream: ServerHttp2Stream;
  #writer: MessageWriter | undefined;
  #status: StatusHeaders = okHeaders;
  #finished = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, caller: Caller) {
    this.headers = headers;
    this.caller = caller;
    this.messages = readMessages(stream, claimOf(stream.session));
    this.#stream = stream;
    // Whoever reads or writes learns of it; without a listener it would end the program.
    stream.on('error', () => {});
  }

  /** Begins the answer at the first message. False if the caller is gone. */
  write(message: Uint8Array): Promise<boolean> {
    return this.#begin().write(message);
  }

  /** Sends what is queued, and the status. Only the first of this and `fail` counts. */
  succeed(): void {
    this.#finish(okHeaders);
  }

  fail(error: CallError): void {
    this.#finish(statusHeaders(error));
  }

  /** Runs when nothing more can be read or written, at once if that is so already. */
  onceOver(act: () => void): void {
    if (this.#stream.closed) act();
    else this.#stream.once('close', act);
  }

  #begin(): MessageWriter {
    if (this.#writer !== undefined) return this.#writer;
    this.#writer = new MessageWriter(this.#stream);
    if (!this.#stream.destroyed) {
      this.#stream.once('wantTrailers', () => this.#sendTrailers());
      this.#stream.respond(answerHeaders, { waitForTrailers: true });
    }
    return this.#writer;
  }

  #finish(status: StatusHeaders): void {
    if (this.#finished || this.#stream.destroyed) return;
    this.#finished = true;
    this.#status = status;
    if (!this.#stream.readableEnded) this.#stream.once('finish', () => this.#linger());
    if (this.#writer !== undefined) this.#writer.end();
    else this.#stream.respond({ ...answerHeaders, ...status }, { endStream: true });
  }

  /** Drops what the caller still sends. Closing at once could overtake the status on its way out. */
  #linger(): void {
    this.#stream.resume();
    const timer = setTimeout(() => this.#stream.close(), lingerMilliseconds).unref();
    this.#stream.once('close', () => clearTimeout(timer));
  }

  #sendTrailers(): void {
    this.#stream.sendTrailers(this.#status);
  }
}
