import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { presignedUrl, signedHeaders, unsignedPayload } from '../objects/s3/signature.ts';
import { fakeCredentials } from './fake-credentials.ts';

/** How far S3 lets clocks be apart. */
const skewMillisecondsMax = 15 * 60_000;

/** Null for a request that its signer may make; else the status and S3's word for what is wrong. */
export function checkSignature(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  region: string,
): [number, string] | null {
  return url.searchParams.has('X-Amz-Signature')
    ? checkPresigned(request, url, region)
    : checkHeaders(request, url, body, region);
}

function checkHeaders(
  { method = '', headers }: IncomingMessage,
  url: URL,
  body: Buffer,
  region: string,
): [number, string] | null {
  const said = headers.authorization ?? '';
  const time = parseTime(String(headers['x-amz-date']));
  if (Math.abs(time - Date.now()) > skewMillisecondsMax) return [403, 'RequestTimeTooSkewed'];
  const names = /SignedHeaders=([^,]*)/.exec(said)?.[1]?.split(';') ?? [];
  const others = names.filter(
    (name) => name !== 'host' && !/^x-amz-(date|content-sha256)$/.test(name),
  );
  const signed = pick(headers, others);
  const payload = String(headers['x-amz-content-sha256']);
  const again = signedHeaders(signerAt(time, region), { method, url, headers: signed }, payload);
  if (again['authorization'] !== said) return [403, 'SignatureDoesNotMatch'];
  const hash = createHash('sha256').update(body).digest('hex');
  return payload === unsignedPayload || payload === hash
    ? null
    : [400, 'XAmzContentSHA256Mismatch'];
}

function checkPresigned(
  { method = '', headers }: IncomingMessage,
  url: URL,
  region: string,
): [number, string] | null {
  const names = (url.searchParams.get('X-Amz-SignedHeaders') ?? '').split(';');
  const signed = pick(
    headers,
    names.filter((name) => name !== 'host'),
  );
  const bare = new URL(url);
  for (const name of bare.searchParams.keys().toArray())
    if (name.startsWith('X-Amz-')) bare.searchParams.delete(name);
  const time = parseTime(url.searchParams.get('X-Amz-Date') ?? '');
  const seconds = Number(url.searchParams.get('X-Amz-Expires'));
  if (Date.now() > time + seconds * 1_000) return [403, 'AccessDenied'];
  const again = presignedUrl(
    signerAt(time, region),
    { method, url: bare, headers: signed },
    seconds,
  );
  const name = 'X-Amz-Signature';
  return again.searchParams.get(name) === url.searchParams.get(name)
    ? null
    : [403, 'SignatureDoesNotMatch'];
}

const pick = (headers: IncomingMessage['headers'], names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, String(headers[name])]));

const signerAt = (now: number, region: string) => ({ credentials: fakeCredentials, region, now });

/** `20261121T101500Z` */
const parseTime = (text: string): number =>
  Date.parse(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'));
