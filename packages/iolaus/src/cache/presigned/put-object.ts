import { Fault } from '../../fault/fault.ts';
import { headerOf, readBody, shownUrl } from '../http/http-client.ts';
import type { HttpClient } from '../http/http-client.ts';
import { retrying } from '../http/retries.ts';
import type { RetryPolicy } from '../http/retries.ts';
import { isPassing } from '../objects/s3/passing-refusal.ts';
import { answerBytesMax } from '../objects/s3/s3-client.ts';
import { errorCode } from '../objects/s3/xml.ts';
import type { Spooled } from './spool.ts';

/** How a builder reaches S3: without credentials, by addresses that were presigned for it. */
export type Sender = {
  readonly http: HttpClient;
  readonly retries: RetryPolicy;
  readonly signal: AbortSignal;
};

export type PutRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | Pick<Spooled, 'sizeInBytes' | 'read'>;
  readonly signal?: AbortSignal;
};

/** `refused`: the address is not good any more, or never was. */
export type PutAnswer =
  | { readonly type: 'put'; readonly etag: string | null }
  | { readonly type: 'exists' }
  | { readonly type: 'refused'; readonly fault: Fault };

/** Puts an object to where anybody may who has the address. @throws Fault `cache-unavailable` after the last try */
export function putObject(
  { http, retries, signal }: Sender,
  request: PutRequest,
): Promise<PutAnswer> {
  const either = request.signal === undefined ? signal : AbortSignal.any([signal, request.signal]);
  return retrying(retries, () => putOnce(http, { ...request, signal: either }), either);
}

async function putOnce(
  http: HttpClient,
  { url: text, headers, body, signal }: PutRequest,
): Promise<PutAnswer> {
  const url = URL.parse(text);
  if (url === null) throw new Fault('cache-refused', 'the runner gave an address that is none');
  const payload =
    body instanceof Uint8Array
      ? { headers, body }
      : { headers: { ...headers, 'content-length': `${body.sizeInBytes}` }, body: body.read() };
  const answer = await http.send({ method: 'PUT', url, ...payload, signal });
  const said = (await readBody(answer, answerBytesMax)).toString();
  const code = errorCode(said);
  const { status } = answer;
  if (status < 300 && code === null) return { type: 'put', etag: headerOf(answer, 'etag') };
  if (status === 412) return { type: 'exists' };
  const sentence = `PUT ${shownUrl(url)}: ${status} ${code ?? ''}`.trimEnd();
  if (status < 300 || isPassing(status, code ?? '')) throw new Fault('cache-unavailable', sentence);
  return { type: 'refused', fault: new Fault('cache-refused', sentence) };
}
