import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { BinaryLike } from 'node:crypto';
import { test } from 'node:test';
import { parseCacheAddress } from '../address/parse-address.ts';
import { HttpClient, headerOf, readBody } from '../http/http-client.ts';
import type { HttpRequest } from '../http/http-client.ts';
import { openCredentials } from '../objects/s3/credentials.ts';
import { signedHeaders } from '../objects/s3/signature.ts';
import { copyObject } from '../objects/s3/copy-object.ts';
import { openObjectStore } from '../objects/open-object-store.ts';
import { abortMultipart, createMultipart, uploadPart } from '../objects/s3/multipart.ts';
import type { MultipartUpload, UploadedPart } from '../objects/s3/multipart.ts';
import type { S3Client, S3Request } from '../objects/s3/s3-client.ts';
import { S3Store } from '../objects/s3/s3-store.ts';
import { readElement, readElements } from '../objects/s3/xml.ts';
import { openS3rver, openTestS3 } from './test-s3.ts';
import type { TestS3 } from './test-s3.ts';

/*
 * What we take S3 to do. Our fake does it, which makes it worth being tested against; the server that IOLAUS_TEST_S3
 * names is asked in its place, and so is s3rver, as far as it knows the rule.
 */

const plain = { contentType: 'text/plain' };
const once = { ...plain, ifAbsent: true };
const body = Buffer.from('value');
const signal = new AbortController().signal;

/** Of a request that has to be refused. */
async function refusalOf(client: S3Client, request: S3Request): Promise<readonly [number, string]> {
  const answer = await client.sendForText(request);
  assert.ok(answer.type === 'refused', `${request.method} ${request.key} was done`);
  return [answer.status, answer.code];
}

/** Of a request that is sent as it is, by whoever has the address. */
async function statusOf(url: URL | string, request: Omit<HttpRequest, 'url'>): Promise<number> {
  using http = new HttpClient();
  const answer = await http.send({ ...request, url: new URL(url) });
  await readBody(answer, 1_000_000);
  return answer.status;
}

async function assertRefused(url: URL | string, request: Omit<HttpRequest, 'url'>): Promise<void> {
  const status = await statusOf(url, request);
  // Some say that it is forbidden, and some that it makes no sense.
  assert.ok(status === 403 || status === 400, String(status));
}

const uploadOf = (client: S3Client): Promise<MultipartUpload> =>
  createMultipart(client, 'parts', { 'content-type': 'text/plain' });

function complete(upload: MultipartUpload, parts: readonly UploadedPart[], headers = {}) {
  const printed = parts.map(
    ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const text = `<CompleteMultipartUpload>${printed.join('')}</CompleteMultipartUpload>`;
  const { key, uploadId } = upload;
  return { method: 'POST', key, query: { uploadId }, headers, body: Buffer.from(text) } as const;
}

/** Puts `body`, signed at a time for what may be something else. */
async function putSigned({ objects, environment }: TestS3, now: number, signed: BinaryLike) {
  const { client } = objects;
  const credentials = await openCredentials(null, environment)();
  const request = { method: 'PUT', url: client.url('key'), headers: {} } as const;
  const hash = createHash('sha256').update(signed).digest('hex');
  const signer = { credentials, region: client.place.region, now };
  using http = new HttpClient();
  const headers = signedHeaders(signer, request, hash);
  const answer = await http.send({ ...request, headers, body });
  const text = (await readBody(answer, 100_000)).toString();
  return { status: answer.status, text, date: headerOf(answer, 'date') ?? '' };
}

type Rule = (s3: TestS3) => Promise<void>;

const rules: Readonly<Record<string, Rule>> = {
  'tells what is not there from what it has': async ({ objects: { client } }) => {
    assert.deepEqual(await refusalOf(client, { method: 'GET', key: 'none' }), [404, 'NoSuchKey']);
  },

  'tells a bucket that is not there': async ({ address, environment }) => {
    const other = address.replace('iolaus-', 'iolaus-not-');
    using store = openObjectStore(parseCacheAddress(other), { environment });
    await assert.rejects(store.get('key'), { message: /NoSuchBucket/, remedy: /Make the bucket/ });
  },

  'keeps type and encoding': async ({ objects }) => {
    await objects.put('key', body, { ...plain, contentEncoding: 'br' });
    const answer = await objects.client.send({ method: 'GET', key: 'key' });
    assert.ok(answer.type === 'done');
    await readBody(answer, 100);
    assert.equal(answer.headers['content-type'], 'text/plain');
    assert.equal(answer.headers['content-encoding'], 'br');
  },

  'lists in order, from where it is told, as many as it is told': async ({ objects }) => {
    for (const key of ['a/2', 'b', 'a/3', 'a/1']) await objects.put(key, body, plain);
    const list = async (query: Readonly<Record<string, string>>) => {
      const request = { method: 'GET', key: '', query: { 'list-type': '2', ...query } } as const;
      const answer = await objects.client.sendForText(request);
      assert.ok(answer.type === 'done');
      const next = readElement(answer.text, 'NextContinuationToken');
      return { keys: readElements(answer.text, 'Key'), next };
    };
    const first = await list({ 'max-keys': '2', prefix: 'a/' });
    assert.deepEqual(first.keys, ['a/1', 'a/2']);
    const rest = await list({ prefix: 'a/', 'continuation-token': first.next ?? assert.fail() });
    assert.deepEqual(rest, { keys: ['a/3'], next: null });
    assert.deepEqual((await list({ 'start-after': 'a/2' })).keys, ['a/3', 'b']);
  },

  'writes nothing over on a condition': async ({ objects }) => {
    assert.equal(await objects.put('key', body, once), 'created');
    const again = { headers: { 'if-none-match': '*' }, body: Buffer.from('other') };
    const refused = await refusalOf(objects.client, { method: 'PUT', key: 'key', ...again });
    assert.deepEqual(refused, [412, 'PreconditionFailed']);
  },

  'puts nothing together on a condition where something is': async ({ objects, openUploads }) => {
    const { client } = objects;
    const upload = await uploadOf(client);
    const part = await uploadPart(client, upload, 1, body, signal);
    await objects.put('parts', body, plain);
    const request = complete(upload, [part], { 'if-none-match': '*' });
    assert.deepEqual(await refusalOf(client, request), [412, 'PreconditionFailed']);
    await abortMultipart(client, upload);
    assert.equal(await openUploads(), 0);
  },

  'copies on a condition': async ({ objects, openBucket }) => {
    const other = await openBucket();
    await other.objects.put('key', body, plain);
    const pair = { from: other.objects.client, to: objects.client };
    assert.equal(await copyObject(pair, 'key', body.length), 'created');
    assert.equal(await copyObject(pair, 'key', body.length), 'exists');
  },

  'wants parts as large as S3 does': async ({ objects: { client } }) => {
    const upload = await uploadOf(client);
    const parts = [
      await uploadPart(client, upload, 1, body, signal),
      await uploadPart(client, upload, 2, body, signal),
    ];
    const refused = await refusalOf(client, complete(upload, parts));
    assert.deepEqual(refused, [400, 'EntityTooSmall']);
    await abortMultipart(client, upload);
  },

  'puts together only what was put': async ({ objects: { client } }) => {
    const upload = await uploadOf(client);
    await uploadPart(client, upload, 1, body, signal);
    const wrong = { number: 1, etag: `"${'0'.repeat(32)}"` };
    assert.deepEqual(await refusalOf(client, complete(upload, [wrong])), [400, 'InvalidPart']);
    await abortMultipart(client, upload);
  },

  'knows nothing of an upload that was aborted': async ({ objects: { client }, openUploads }) => {
    const upload = await uploadOf(client);
    const part = await uploadPart(client, upload, 1, body, signal);
    assert.equal(await openUploads(), 1);
    await abortMultipart(client, upload);
    assert.equal(await openUploads(), 0);
    assert.deepEqual(await refusalOf(client, complete(upload, [part])), [404, 'NoSuchUpload']);
  },

  'refuses who signs with another secret': async (s3) => {
    const environment = { ...s3.environment, AWS_SECRET_ACCESS_KEY: 'another' };
    const { status, text } = await putSigned({ ...s3, environment }, Date.now(), body);
    assert.equal(status, 403, text);
  },

  'refuses what was changed on its way': async (s3) => {
    const { status, text } = await putSigned(s3, Date.now(), 'of something else');
    assert.equal(status, 400, text);
  },

  'takes what is presigned, in no other way than was signed': async ({ objects: { client } }) => {
    const headers = { 'if-none-match': '*' };
    const url = await client.presign({ method: 'PUT', key: 'key', headers });
    await assertRefused(url, { method: 'PUT', body });
    const elsewhere = url.href.replace('/key?', '/other?');
    await assertRefused(elsewhere, { method: 'PUT', headers, body });
    assert.equal(await statusOf(url, { method: 'PUT', headers, body }), 200);
    assert.equal(await statusOf(url, { method: 'PUT', headers, body }), 412);
  },

  'takes no address that has expired': async (s3) => {
    const now = () => Date.now() - 2 * 3_600_000;
    const { address, environment } = s3;
    using store = openObjectStore(parseCacheAddress(address), { environment, now });
    assert.ok(store instanceof S3Store);
    const url = await store.client.presign({ method: 'PUT', key: 'key' });
    await assertRefused(url, { method: 'PUT', body });
  },

  'refuses what was signed at another time, and tells its own': async (s3) => {
    const { status, text, date } = await putSigned(s3, Date.now() - 3_600_000, body);
    assert.deepEqual([status, readElement(text, 'Code')], [403, 'RequestTimeTooSkewed']);
    assert.ok(Math.abs(Date.parse(date) - Date.now()) < 60_000);
  },
};

/** It knows no conditions, looks neither at parts nor at hashes nor at the time, and fails where a list goes on. */
const unknownToS3rver = new Set([
  'lists in order, from where it is told, as many as it is told',
  'writes nothing over on a condition',
  'puts nothing together on a condition where something is',
  'copies on a condition',
  'wants parts as large as S3 does',
  'puts together only what was put',
  'knows nothing of an upload that was aborted',
  'refuses what was changed on its way',
  'takes what is presigned, in no other way than was signed',
  'refuses what was signed at another time, and tells its own',
]);

const named = process.env['IOLAUS_TEST_S3'] ?? 'our fake';
for (const [name, rule] of Object.entries(rules)) {
  test(`${named} ${name}`, async () => {
    await using s3 = await openTestS3();
    await rule(s3);
  });
  if (!unknownToS3rver.has(name))
    test(`s3rver ${name}`, async () => {
      await using s3 = await openS3rver();
      await rule(s3);
    });
}
