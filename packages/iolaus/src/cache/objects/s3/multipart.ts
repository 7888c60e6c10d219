import { Fault } from '../../../fault/fault.ts';
import { discard, headerOf } from '../../http/http-client.ts';
import type { PutOutcome } from '../object-store.ts';
import type { S3Client, S3Refusal } from './s3-client.ts';
import { escapeXml, readElement } from './xml.ts';

/** An upload that was begun; what it wrote appears when it is completed, and costs money until it is aborted. */
export type MultipartUpload = { readonly key: string; readonly uploadId: string };

/** `etag` as the server sent it. */
export type UploadedPart = { readonly number: number; readonly etag: string };

/** @throws Fault */
export async function createMultipart(
  client: S3Client,
  key: string,
  headers: Readonly<Record<string, string>>,
): Promise<MultipartUpload> {
  const query = { uploads: '' };
  const answer = await client.sendForText({ method: 'POST', key, query, headers });
  if (answer.type === 'refused') throw answer.fault;
  const uploadId = readElement(answer.text, 'UploadId');
  if (uploadId === null)
    throw new Fault('cache-refused', `the answer to an upload of ${key} has no number for it`);
  return { key, uploadId };
}

export async function uploadPart(
  client: S3Client,
  { key, uploadId }: MultipartUpload,
  number: number,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<UploadedPart> {
  const query = { partNumber: String(number), uploadId };
  const answer = await client.send({ method: 'PUT', key, query, body, signal });
  if (answer.type === 'refused') throw answer.fault;
  discard(answer);
  const etag = headerOf(answer, 'etag');
  if (etag === null)
    throw new Fault('cache-refused', `part ${number} of ${key} was taken without an ETag`);
  return { number, etag };
}

/** Makes the object appear, unless there is one. An answer that was lost makes it `exists`. */
export async function completeMultipart(
  client: S3Client,
  { key, uploadId }: MultipartUpload,
  parts: readonly UploadedPart[],
  { ifAbsent }: { readonly ifAbsent: boolean },
): Promise<PutOutcome> {
  const answer = await client.sendForText({
    method: 'POST',
    key,
    query: { uploadId },
    headers: {
      'content-type': 'application/xml',
      ...(ifAbsent ? { 'if-none-match': '*' } : {}),
    },
    body: Buffer.from(printParts(parts)),
  });
  if (answer.type === 'done') return 'created';
  if (answer.status === 412) {
    await abortMultipart(client, { key, uploadId });
    return 'exists';
  }
  if (await hasAppeared(client, key, answer)) return 'exists';
  throw answer.fault;
}

/** What nobody completes any more. @throws Fault if the server does not say that it is gone */
export async function abortMultipart(
  client: S3Client,
  { key, uploadId }: MultipartUpload,
): Promise<void> {
  const answer = await client.send({ method: 'DELETE', key, query: { uploadId } });
  if (answer.type === 'done') discard(answer);
  else if (answer.code !== 'NoSuchUpload') throw answer.fault;
}

/** An upload that is not known any more may be complete already: this try repeats one whose answer was lost. */
async function hasAppeared(client: S3Client, key: string, { code }: S3Refusal): Promise<boolean> {
  if (code !== 'NoSuchUpload') return false;
  const found = await client.send({ method: 'HEAD', key });
  if (found.type === 'refused') return false;
  discard(found);
  return true;
}

function printParts(parts: readonly UploadedPart[]): string {
  const printed = parts
    .toSorted((one, other) => one.number - other.number)
    .map(
      ({ number, etag }) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
    );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${printed.join('')}</CompleteMultipartUpload>`;
}
