import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent as SecureAgent, request as requestSecure } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../../fault/fault.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream can be sent once only. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
};

/** The body has to be read, or destroyed. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
};

/** A server that says nothing for so long is given up; a large object may take any time as long as bytes move. */
const silentMillisecondsMax = 30_000;

/** Requests over connections that are kept. Nothing is tried again. */
export class HttpClient implements Disposable {
  readonly #plain: PlainAgent;
  readonly #secure: SecureAgent;
  readonly #silentMilliseconds: number;
  readonly #closing = new AbortController();

  /** @param connections to one host at a time; further requests wait */
  constructor({ connections = 256, silentMilliseconds = silentMillisecondsMax } = {}) {
    const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: connections };
    this.#plain = new PlainAgent(options);
    this.#secure = new SecureAgent(options);
    this.#silentMilliseconds = silentMilliseconds;
  }

  /** Aborted when it is disposed: nothing is worth another try then. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Resolves when the head of the answer is there. @throws Fault `cache-unavailable` where there is none */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const signal = eitherOf(this.signal, request.signal);
    signal.throwIfAborted();
    try {
      return await this.#exchange(request, signal);
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof Fault) throw cause;
      throw unavailable(request, 'the connection failed', cause);
    }
  }

  async #exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method, url, body } = request;
    const isSecure = url.protocol === 'https:';
    const outgoing = (isSecure ? requestSecure : requestPlain)(url, {
      method,
      headers: headersOf(request),
      agent: isSecure ? this.#secure : this.#plain,
      signal,
    });
    const answered = Promise.withResolvers<IncomingMessage>();
    outgoing.on('response', answered.resolve).on('error', answered.reject);
    outgoing.setTimeout(this.#silentMilliseconds, () =>
      outgoing.destroy(unavailable(request, 'it was silent for too long', undefined)),
    );
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
    // A server may refuse before it has read everything, and breaks the connection then: its answer counts.
    else pipeline(body, outgoing).catch(answered.reject);
    const answer = await answered.promise;
    answer.on('error', () => {});
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: answer };
  }

  [Symbol.dispose](): void {
    this.#closing.abort(new Error('the connection to the cache was closed'));
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

/** The whole body of an answer. @throws Fault `cache-unavailable` where it is cut off, `cache-refused` where it is too long */
export async function readBody({ body, headers }: HttpAnswer, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of wholeBody({ body, headers })) {
    size += chunk.length;
    if (size > limitBytes)
      throw new Fault('cache-refused', `an answer has more than the ${limitBytes} bytes expected`);
    chunks.push(Buffer.from(chunk));
  }
  return Buffer.concat(chunks);
}

/** The body as it comes. @throws Fault `cache-unavailable` where it ends before its announced length */
export async function* wholeBody({
  body,
  headers,
}: Pick<HttpAnswer, 'body' | 'headers'>): AsyncGenerator<Uint8Array, void, undefined> {
  const announced = headers['content-length'];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new Fault('cache-unavailable', `an answer broke off after ${size} bytes`, { cause });
  } finally {
    body.destroy();
  }
  if (announced !== undefined && size !== Number(announced))
    throw new Fault('cache-unavailable', `an answer has ${size} of ${announced} bytes`);
}

function headersOf({ headers, body }: HttpRequest): OutgoingHttpHeaders {
  return body instanceof Uint8Array
    ? { ...headers, 'content-length': String(body.length) }
    : { ...headers };
}

/** What may end a request. */
export function eitherOf(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? one : AbortSignal.any([one, other]);
}

/** Without its query, which may be as good as a password. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function unavailable({ method, url }: HttpRequest, reason: string, cause: unknown): Fault {
  return new Fault('cache-unavailable', `${method} ${shownUrl(url)}: ${reason}`, { cause });
}
