import { createHash } from 'node:crypto';
import { Fault } from '../../../fault/fault.ts';
import type { S3Place } from '../../address/store-address.ts';
import { discard, eitherOf, headerOf, readBody, shownUrl } from '../../http/http-client.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../http/http-client.ts';
import { retrying } from '../../http/retries.ts';
import type { RetryPolicy } from '../../http/retries.ts';
import type { CredentialSource } from './credentials.ts';
import { isPassing } from './passing-refusal.ts';
import { refusalRemedy } from './refusal-remedy.ts';
import { encodeStrictly, presignedUrl, signedHeaders, unsignedPayload } from './signature.ts';
import { noTraffic, noteRequest } from './s3-traffic.ts';
import { errorCode, readElement } from './xml.ts';

export type S3Request = {
  readonly method: HttpRequest['method'];
  /** Empty: the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
};

/** What S3 says when it does not do what it is asked. */
export type S3Refusal = { readonly status: number; readonly code: string; readonly fault: Fault };

export type S3Answer =
  | ({ readonly type: 'done' } & HttpAnswer)
  | ({ readonly type: 'refused' } & S3Refusal);

/** Answers in XML: the longest is a list of a thousand keys. */
export const answerBytesMax = 4 * 1024 * 1024;

/** The header tells seconds, and an answer may have been on its way for some more. */
const slackMilliseconds = 5_000;

/** Signed requests to one bucket, tried again while that makes sense. */
export class S3Client implements Disposable {
  readonly place: S3Place;
  readonly traffic = noTraffic();
  readonly #credentials: CredentialSource;
  readonly #http: HttpClient;
  readonly #retries: RetryPolicy;
  readonly #now: () => number;
  /** Of the server's clock against ours, in milliseconds. */
  #skew = 0;

  constructor(options: {
    readonly place: S3Place;
    readonly credentials: CredentialSource;
    readonly http: HttpClient;
    readonly retries: RetryPolicy;
    /** Milliseconds since the epoch, as far as this machine knows. */
    readonly now?: () => number;
  }) {
    this.place = options.place;
    this.#credentials = options.credentials;
    this.#http = options.http;
    this.#retries = options.retries;
    this.#now = options.now ?? Date.now;
  }

  /** @throws Fault `cache-unavailable` after the last try */
  send(request: S3Request): Promise<S3Answer> {
    const signal = eitherOf(this.#http.signal, request.signal);
    return retrying(this.#retries, () => this.#sendOnce(request), signal);
  }

  /** The text of an answer; one that breaks off is asked for again. */
  sendForText(
    request: S3Request,
  ): Promise<
    { readonly type: 'done'; readonly text: string } | ({ readonly type: 'refused' } & S3Refusal)
  > {
    return retrying(
      this.#retries,
      async () => {
        const answer = await this.#sendOnce(request);
        if (answer.type === 'refused') return answer;
        const text = (await readBody(answer, answerBytesMax)).toString();
        // S3 begins to answer before it is done, and can change its mind only in the body.
        if (errorCode(text) === null) return { type: 'done', text };
        const refusal = this.#refusal(request, answer.status, text);
        if (refusal.fault.code === 'cache-unavailable') throw refusal.fault;
        return { type: 'refused', ...refusal };
      },
      this.#http.signal,
    );
  }

  /** An address with which anybody may do this one thing, in exactly this way. */
  async presign({
    method,
    key,
    query = {},
    headers = {},
  }: Pick<S3Request, 'method' | 'key' | 'query' | 'headers'>): Promise<URL> {
    const credentials = await this.#credentials();
    const signer = { credentials, region: this.place.region, now: this.#now() + this.#skew };
    const signable = { method, url: this.url(key, query), headers };
    return presignedUrl(signer, signable, this.place.presignedSeconds);
  }

  url(key: string, query: Readonly<Record<string, string>> = {}): URL {
    const { endpoint, bucket, pathStyle } = this.place;
    const host = pathStyle ? endpoint.host : `${bucket}.${endpoint.host}`;
    const path = [...(pathStyle ? [bucket] : []), ...(key === '' ? [] : key.split('/'))]
      .map(encodeStrictly)
      .join('/');
    const url = new URL(`${endpoint.protocol}//${host}/${path}`);
    url.search = Object.entries(query)
      .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
      .join('&');
    return url;
  }

  async #sendOnce(request: S3Request): Promise<S3Answer> {
    const { method, key, query, body, signal } = request;
    const url = this.url(key, query);
    const skew = this.#skew;
    const headers = await this.#sign(request, url);
    const begun = performance.now();
    const answer = await this.#http.send({
      method,
      url,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    noteRequest(this.traffic, request, answer, performance.now() - begun);
    this.#learnTime(answer);
    if (answer.status < 300) return { type: 'done', ...answer };
    const text = await this.#explanation(request, answer);
    const refusal = this.#refusal(request, answer.status, text);
    // By whichever answer it was learnt; to a HEAD there is no word for it.
    if (answer.status === 403 && this.#skew !== skew)
      throw new Fault('cache-unavailable', refusal.fault.message);
    if (refusal.fault.code === 'cache-unavailable') throw refusal.fault;
    return { type: 'refused', ...refusal };
  }

  async #sign({ method, headers = {}, body }: S3Request, url: URL) {
    const credentials = await this.#credentials();
    const signer = { credentials, region: this.place.region, now: this.#now() + this.#skew };
    // The server holds the bytes against their hash: what is damaged on the way is not taken.
    const hash =
      body === undefined ? unsignedPayload : createHash('sha256').update(body).digest('hex');
    return signedHeaders(signer, { method, url, headers }, hash);
  }

  async #explanation({ method }: S3Request, answer: HttpAnswer): Promise<string> {
    if (method !== 'HEAD') return (await readBody(answer, answerBytesMax)).toString();
    discard(answer);
    return '';
  }

  #refusal({ method, key, query }: S3Request, status: number, text: string): S3Refusal {
    const code = readElement(text, 'Code') ?? '';
    const said = readElement(text, 'Message') ?? '';
    // Credentials that have just been renewed are not known everywhere.
    const mayPass = isPassing(status, code) || code === 'ExpiredToken';
    const sentence = `${method} ${shownUrl(this.url(key, query))}: ${[status, code, said].filter((part) => part !== '').join(' ')}`;
    return {
      status,
      code,
      fault: new Fault(
        mayPass ? 'cache-unavailable' : 'cache-refused',
        sentence,
        refusalRemedy(code),
      ),
    };
  }

  /** From every answer: not all refuse what was signed at another time, and presigned addresses are good by their clock. */
  #learnTime(answer: HttpAnswer): void {
    const date = headerOf(answer, 'date');
    if (date === null) return;
    const skew = Date.parse(date) - this.#now();
    if (Math.abs(skew - this.#skew) >= slackMilliseconds) this.#skew = skew;
  }

  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }
}
