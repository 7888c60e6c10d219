import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { escapeXml, readElements } from '../objects/s3/xml.ts';
import { failure } from './faulty-server.ts';
import type { Answer, SeenRequest } from './faulty-server.ts';

export type FakeObject = {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly modifiedAt?: number;
};

type Upload = {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
  readonly initiated: Date;
};

const nothing = Buffer.alloc(0);
const listMax = 1_000;
/** What S3 wants of all parts but the last. */
const partBytesMin = 5 * 2 ** 20;

/** The objects of the fake, and S3's answers to what is done with them. */
export class FakeBucket {
  readonly objects = new Map<string, FakeObject>();
  readonly uploads = new Map<string, Upload>();

  answer({ headers }: IncomingMessage, seen: SeenRequest, body: Buffer): Answer {
    const { method, key, query } = seen;
    // The bucket itself, which is always there.
    if (key === '' && method !== 'GET') return { status: 200, headers: {}, body: nothing };
    const uploadId = query.get('uploadId');
    switch (method) {
      case 'PUT':
        return uploadId === null
          ? this.#write(key, { bytes: body, headers: keptHeaders(headers) }, headers)
          : this.#putPart(uploadId, Number(query.get('partNumber')), body);
      case 'POST':
        return uploadId === null
          ? this.#begin(key, keptHeaders(headers))
          : this.#complete(key, uploadId, body.toString(), headers);
      case 'DELETE':
        return this.#remove(key, uploadId);
      default:
        if (key !== '') return this.#read(key);
        return query.has('uploads') ? this.#listUploads(query) : this.#list(query);
    }
  }

  copy(key: string, source: FakeObject | undefined, headers: IncomingMessage['headers']): Answer {
    if (source === undefined) return failure(404, 'NoSuchKey');
    const written = this.#write(key, source, headers);
    if (written.status !== 200) return written;
    return xml(`<CopyObjectResult><ETag>${etagOf(source.bytes)}</ETag></CopyObjectResult>`);
  }

  #read(key: string): Answer {
    const object = this.objects.get(key);
    if (object === undefined) return failure(404, 'NoSuchKey');
    const { bytes, headers } = object;
    return {
      status: 200,
      headers: { ...headers, etag: etagOf(bytes), 'content-length': String(bytes.length) },
      body: bytes,
    };
  }

  #write(key: string, object: FakeObject, headers: IncomingMessage['headers']): Answer {
    if (headers['if-none-match'] === '*' && this.objects.has(key))
      return failure(412, 'PreconditionFailed');
    this.objects.set(key, { ...object, modifiedAt: Date.now() });
    return { status: 200, headers: { etag: etagOf(object.bytes) }, body: nothing };
  }

  #begin(key: string, headers: FakeObject['headers']): Answer {
    const uploadId = randomUUID();
    this.uploads.set(uploadId, { key, headers, parts: new Map(), initiated: new Date() });
    return xml(
      `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  #putPart(uploadId: string, number: number, body: Buffer): Answer {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) return failure(404, 'NoSuchUpload');
    upload.parts.set(number, body);
    return { status: 200, headers: { etag: etagOf(body) }, body: nothing };
  }

  #complete(
    key: string,
    uploadId: string,
    text: string,
    headers: IncomingMessage['headers'],
  ): Answer {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined) return failure(404, 'NoSuchUpload');
    const named = readElements(text, 'PartNumber').map(Number);
    const etags = readElements(text, 'ETag');
    const parts = named.map((number) => upload.parts.get(number) ?? nothing);
    if (parts.some((part, index) => etagOf(part) !== etags[index]))
      return failure(400, 'InvalidPart');
    if (parts.slice(0, -1).some(({ length }) => length < partBytesMin))
      return failure(400, 'EntityTooSmall');
    const written = this.#write(
      key,
      { bytes: Buffer.concat(parts), headers: upload.headers },
      headers,
    );
    if (written.status !== 200) return written;
    this.uploads.delete(uploadId);
    return xml('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  }

  #remove(key: string, uploadId: string | null): Answer {
    if (uploadId === null) this.objects.delete(key);
    else if (!this.uploads.delete(uploadId)) return failure(404, 'NoSuchUpload');
    return { status: 204, headers: {}, body: nothing };
  }

  #listUploads(query: URLSearchParams): Answer {
    const listed = [...this.uploads]
      .filter(([, { key }]) => key.startsWith(query.get('prefix') ?? ''))
      .map(
        ([uploadId, { key, initiated }]) =>
          `<Upload><Key>${escapeXml(key)}</Key><UploadId>${uploadId}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
      );
    return xml(`<ListMultipartUploadsResult>${listed.join('')}</ListMultipartUploadsResult>`);
  }

  #list(query: URLSearchParams): Answer {
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .sort();
    const most = Math.min(Number(query.get('max-keys') ?? listMax), listMax);
    const shown = keys.slice(0, most);
    const contents = shown.map((key) => printEntry(key, this.objects.get(key)));
    const next =
      keys.length > most
        ? `<NextContinuationToken>${escapeXml(shown.at(-1) ?? '')}</NextContinuationToken>`
        : '';
    return xml(`<ListBucketResult>${contents.join('')}${next}</ListBucketResult>`);
  }
}

function xml(text: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) };
}

function keptHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  const kept: [string, string][] = [];
  for (const name of ['content-type', 'content-encoding'] as const) {
    const value = headers[name];
    if (value !== undefined) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

const etagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

function printEntry(key: string, object: FakeObject | undefined): string {
  const { bytes = nothing, modifiedAt = 0 } = object ?? {};
  const time = new Date(modifiedAt).toISOString();
  return `<Contents><Key>${escapeXml(key)}</Key><LastModified>${time}</LastModified><Size>${bytes.length}</Size></Contents>`;
}
