import { Fault } from '../../fault/fault.ts';
import { discard, eitherOf, shownUrl, wholeBody } from '../http/http-client.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/http-client.ts';
import { retrying } from '../http/retries.ts';
import type { RetryPolicy } from '../http/retries.ts';
import { factsOf } from './facts-of-answer.ts';
import { gather, smallBytesMax } from './gather.ts';
import type {
  ListedObject,
  ObjectFacts,
  ObjectStore,
  PutOptions,
  PutOutcome,
  StoredObject,
  StreamOptions,
} from './object-store.ts';

/** A server that answers GET and HEAD, and takes PUT: what Nix's `http://` stores are. */
export class HttpStore implements ObjectStore {
  readonly name: string;
  readonly #base: URL;
  readonly #authorization: Readonly<Record<string, string>>;
  readonly #http: HttpClient;
  readonly #retries: RetryPolicy;

  /** @param base ends in a slash; may hold a name and a password */
  constructor(base: URL, http: HttpClient, retries: RetryPolicy) {
    const { username, password } = base;
    this.#base = new URL(base);
    this.#base.username = '';
    this.#base.password = '';
    const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#authorization =
      username === '' ? {} : { authorization: `Basic ${Buffer.from(secret).toString('base64')}` };
    this.name = shownUrl(base);
    this.#http = http;
    this.#retries = retries;
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectFacts | null> {
    const answer = await this.#ask({ method: 'HEAD', url: this.#url(key), signal });
    if (answer === null) return null;
    discard(answer);
    return factsOf(answer);
  }

  async get(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
    const answer = await this.#ask({ method: 'GET', url: this.#url(key), signal });
    return answer === null ? null : { ...factsOf(answer), body: wholeBody(answer) };
  }

  put(key: string, body: Uint8Array, options: PutOptions): Promise<PutOutcome> {
    return retrying(this.#retries, () => this.#put(key, body, options), this.#http.signal);
  }

  /** What is long is sent as it comes, so that it cannot be tried again; whole or not at all is up to the server. */
  async putStream(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    options: StreamOptions,
  ): Promise<PutOutcome> {
    return options.sizeInBytesMax <= smallBytesMax
      ? this.put(key, await gather(chunks), options)
      : this.#put(key, copied(chunks), options);
  }

  async delete(key: string): Promise<void> {
    const answer = await this.#ask({ method: 'DELETE', url: this.#url(key) });
    if (answer !== null) discard(answer);
  }

  list(): AsyncIterable<ListedObject> {
    throw new Fault('cache-refused', `${this.name} cannot tell what it holds`, {
      remedy: 'Name the folder or the bucket behind it.',
    });
  }

  async #put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { contentType, contentEncoding, ifAbsent }: PutOptions,
  ): Promise<PutOutcome> {
    const headers = {
      'content-type': contentType,
      ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
      ...(ifAbsent === true ? { 'if-none-match': '*' } : {}),
    };
    const request: HttpRequest = { method: 'PUT', url: this.#url(key), headers, body };
    const answer = await this.#send(request);
    discard(answer);
    if (answer.status === 412) return 'exists';
    if (answer.status >= 300) throw refusal(request, answer);
    return 'created';
  }

  /** Null for what is not there. */
  #ask(request: HttpRequest): Promise<HttpAnswer | null> {
    return retrying(
      this.#retries,
      async () => {
        const answer = await this.#send(request);
        if (answer.status < 300) return answer;
        discard(answer);
        if (answer.status === 404 || answer.status === 410) return null;
        throw refusal(request, answer);
      },
      eitherOf(this.#http.signal, request.signal),
    );
  }

  #send(request: HttpRequest): Promise<HttpAnswer> {
    return this.#http.send({ ...request, headers: { ...this.#authorization, ...request.headers } });
  }

  #url(key: string): URL {
    return new URL(key.split('/').map(encodeURIComponent).join('/'), this.#base);
  }

  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }
}

/** Pieces of their own, for a stream that is sent has some in line: whoever made them may use their memory again. */
async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

function refusal({ method, url }: HttpRequest, { status }: HttpAnswer): Fault {
  const mayPass = status >= 500 || status === 429 || status === 408;
  const code = mayPass ? 'cache-unavailable' : 'cache-refused';
  return new Fault(code, `${method} ${shownUrl(url)}: status ${status}`);
}
