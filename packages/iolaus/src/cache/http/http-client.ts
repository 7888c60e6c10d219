import { Readable } from 'node:stream';
import { Agent, errors } from 'undici';
import type { Dispatcher } from 'undici';
import { Fault } from '../../fault/fault.ts';

export type HttpRequest = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream can be sent once only. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
};

/** The body has to be read, or let go by `discard`. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData['headers'];
  readonly body: Dispatcher.ResponseData['body'];
};

export type ConnectOptions = {
  /** To one host at a time; further requests wait. Where HTTP/2 is spoken each carries a hundred of them. */
  readonly connections?: number;
  readonly silentMilliseconds?: number;
  /** PEM: whom to trust instead of those that Node knows. */
  readonly authorities?: string | null;
};

type Payload = Pick<Dispatcher.RequestOptions, 'headers' | 'body'>;

/** A server that says nothing for so long is given up; a large object may take any time as long as bytes move. */
const silentMillisecondsMax = 30_000;
/** What is sent in one go: on the slowest of lines it takes less than that time. */
const pieceBytesMax = 64 * 1024;

/** Requests over connections that are kept, in HTTP/2 with those who offer it. Nothing is tried again. */
export class HttpClient implements Disposable {
  readonly #agent: Agent;
  readonly #closing = new AbortController();

  constructor({
    connections = 256,
    silentMilliseconds = silentMillisecondsMax,
    authorities = null,
  }: ConnectOptions = {}) {
    this.#agent = new Agent({
      connections,
      headersTimeout: silentMilliseconds,
      bodyTimeout: silentMilliseconds,
      connectTimeout: silentMilliseconds,
      connect: authorities === null ? {} : { ca: authorities },
    });
  }

  /** Aborted when it is disposed: nothing is worth another try then. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Resolves when the head of the answer is there. @throws Fault `cache-unavailable` where there is none */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { method, url, signal } = request;
    this.signal.throwIfAborted();
    signal?.throwIfAborted();
    try {
      const { statusCode, headers, body } = await this.#agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method,
        ...payloadOf(request),
        // Else it would not use a connection again that had a HEAD: half of our questions are that.
        reset: false,
        ...(signal === undefined ? {} : { signal }),
      });
      return { status: statusCode, headers, body };
    } catch (cause) {
      this.signal.throwIfAborted();
      signal?.throwIfAborted();
      if (cause instanceof Fault) throw cause;
      throw unavailable(request, cause);
    }
  }

  [Symbol.dispose](): void {
    const reason = new Error('the connection to the cache was closed');
    this.#closing.abort(reason);
    void this.#agent.destroy(reason);
  }
}

/** Lets the rest of an answer go, so that its connection is free for others. */
export function discard({ body }: Pick<HttpAnswer, 'body'>): void {
  body.dump().catch(() => {});
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
    throw new Fault('cache-unavailable', `an answer has ${size} of ${String(announced)} bytes`);
}

/** The text of a header that comes once; null where it does not come. */
export function headerOf({ headers }: Pick<HttpAnswer, 'headers'>, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? null);
}

function payloadOf({ headers = {}, body }: HttpRequest): Payload {
  if (body === undefined) return { headers };
  if (!(body instanceof Uint8Array)) return { headers, body: Readable.from(body) };
  if (body.length <= pieceBytesMax) return { headers, body };
  const length = { 'content-length': String(body.length) };
  return { headers: { ...headers, ...length }, body: Readable.from(inPieces(body)) };
}

/** So that it is seen to move: who is silent is told from who is slow by that alone. */
function* inPieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceBytesMax)
    yield bytes.subarray(start, start + pieceBytesMax);
}

/** What may end a request. */
export function eitherOf(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? one : AbortSignal.any([one, other]);
}

/** Without its query, which may be as good as a password. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function unavailable({ method, url }: HttpRequest, cause: unknown): Fault {
  const reason =
    cause instanceof errors.HeadersTimeoutError
      ? 'it was silent for too long'
      : 'the connection failed';
  return new Fault('cache-unavailable', `${method} ${shownUrl(url)}: ${reason}`, { cause });
}
