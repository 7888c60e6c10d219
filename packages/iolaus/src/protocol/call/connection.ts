import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { describeError } from '../../fault/fault.ts';
import { CallError } from '../call-error.ts';
import { authorityOf, dial, expiryOf } from './endpoint.ts';
import type { ClientTls, Endpoint } from './endpoint.ts';
import { sessionWindowBytes } from './flow-control.ts';
import { keepAlive } from './keep-alive.ts';
import type { KeepAlivePace } from './keep-alive.ts';
import { OutgoingCall } from './outgoing-call.ts';

type Session = { readonly http2: ClientHttp2Session; error: unknown };

/** One HTTP/2 session for all calls; dialled at the first call, and anew at the first one after it broke. */
export class Connection {
  readonly #endpoint: Endpoint;
  readonly #tls: ClientTls | null;
  readonly #headers: OutgoingHttpHeaders;
  readonly #pace: KeepAlivePace | undefined;
  #session: Session | undefined;
  #closed = false;

  constructor(
    endpoint: Endpoint,
    token: string | undefined,
    tls: ClientTls | null,
    pace?: KeepAlivePace,
  ) {
    this.#endpoint = endpoint;
    this.#pace = pace;
    this.#tls = tls;
    this.#headers = {
      ':method': 'POST',
      ':authority': authorityOf(endpoint),
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'iolaus',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  /** Throws `CallError('cancelled')` after `close` or if the signal is aborted already. */
  call(path: string, signal: AbortSignal | undefined): OutgoingCall {
    if (this.#closed || signal?.aborted === true) throw givenUp(signal?.reason);
    const session = this.#liveSession();
    const stream = session.http2.request({ ...this.#headers, ':path': path }, { endStream: false });
    return new OutgoingCall(stream, signal, (error) =>
      this.#closed ? givenUp(error) : lost(session.error ?? error, this.#tls),
    );
  }

  /** Ends the connection and all calls at once. */
  close(): void {
    this.#closed = true;
    this.#session?.http2.destroy();
  }

  #liveSession(): Session {
    const known = this.#session;
    if (known !== undefined && !known.http2.closed && !known.http2.destroyed) return known;
    const http2 = dial(this.#endpoint, this.#tls);
    const session: Session = { http2, error: undefined };
    http2.once('connect', () => {
      // It may have been given up while it was being dialled.
      if (!http2.destroyed) http2.setLocalWindowSize(sessionWindowBytes);
    });
    http2.on('error', (error) => {
      session.error = error;
    });
    // The other side takes no more calls, but finishes those that are under way.
    http2.once('goaway', () => http2.close());
    keepAlive(http2, this.#pace);
    this.#session = session;
    return session;
  }
}

function givenUp(reason: unknown): CallError {
  return new CallError('cancelled', 'the call was given up', { cause: reason });
}

function lost(error: unknown, tls: ClientTls | null): CallError {
  // Node wraps what happened to the connection for each stream that was waiting for it.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const told = cause === undefined ? 'the connection was lost' : describeError(cause);
  const why = expiryOf(tls) ?? told;
  return new CallError('unavailable', `no answer from the runner: ${why}`, { cause });
}
