import type { HttpAnswer } from '../../http/http-client.ts';
import { discard, wholeBody } from '../../http/http-client.ts';
import { factsOf } from '../facts-of-answer.ts';
import type {
  ListedObject,
  ObjectFacts,
  ObjectStore,
  PutOptions,
  PutOutcome,
  StoredObject,
  StreamOptions,
} from '../object-store.ts';
import { intoParts } from './into-parts.ts';
import { listObjects } from './list-objects.ts';
import { abortMultipart, completeMultipart, createMultipart, uploadPart } from './multipart.ts';
import type { Part } from './part-buffers.ts';
import { partBytesFor } from './part-bytes.ts';
import { resume, sendParts } from './send-parts.ts';
import type { S3Answer, S3Client } from './s3-client.ts';

/** A bucket as a place for a cache. */
export class S3Store implements ObjectStore {
  readonly client: S3Client;
  readonly name: string;

  constructor(client: S3Client) {
    this.client = client;
    this.name = `s3://${client.place.bucket}`;
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectFacts | null> {
    const answer = found(await this.client.send({ method: 'HEAD', key, signal }));
    if (answer === null) return null;
    discard(answer);
    return factsOf(answer);
  }

  async get(key: string, signal?: AbortSignal): Promise<StoredObject | null> {
    const answer = found(await this.client.send({ method: 'GET', key, signal }));
    return answer === null ? null : { ...factsOf(answer), body: wholeBody(answer) };
  }

  async put(key: string, body: Uint8Array, options: PutOptions): Promise<PutOutcome> {
    const headers = {
      ...this.#headersOf(options),
      ...(options.ifAbsent === true ? { 'if-none-match': '*' } : {}),
    };
    const answer = await this.client.sendForText({ method: 'PUT', key, headers, body });
    if (answer.type === 'done') return 'created';
    if (answer.status === 412) return 'exists';
    throw answer.fault;
  }

  async putStream(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    options: StreamOptions,
  ): Promise<PutOutcome> {
    const { sizeInBytesMax } = options;
    const partBytes = Math.min(partBytesFor(this.client.place, sizeInBytesMax), sizeInBytesMax);
    const parts = intoParts(chunks, partBytes);
    const first = await parts.next();
    if (first.done === true) return this.put(key, Buffer.alloc(0), options);
    if (first.value.isFull) return this.#putParts(key, resume(first.value, parts), options);
    using only = first.value;
    return await this.put(key, only.bytes, options);
  }

  async #putParts(
    key: string,
    parts: AsyncIterable<Part>,
    options: StreamOptions,
  ): Promise<PutOutcome> {
    const beginning = createMultipart(this.client, key, this.#headersOf(options));
    try {
      const uploaded = await sendParts(parts, async (part, number, signal) =>
        uploadPart(this.client, await beginning, number, part, signal),
      );
      const ifAbsent = options.ifAbsent === true;
      return await completeMultipart(this.client, await beginning, uploaded, { ifAbsent });
    } catch (error) {
      // What went wrong first is what has to be told; a janitor finds what this leaves.
      await beginning.then((upload) => abortMultipart(this.client, upload)).catch(() => {});
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    const answer = found(await this.client.send({ method: 'DELETE', key }));
    if (answer !== null) discard(answer);
  }

  list(prefix: string, after?: string): AsyncIterable<ListedObject> {
    return listObjects(this.client, prefix, after);
  }

  #headersOf({ contentType, contentEncoding }: PutOptions): Record<string, string> {
    const { storageClass } = this.client.place;
    return {
      'content-type': contentType,
      ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
      ...(storageClass === null ? {} : { 'x-amz-storage-class': storageClass }),
    };
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
  }
}

/** Null for what is not there; whatever else is refused is an error, not an absence. */
function found(answer: S3Answer): HttpAnswer | null {
  if (answer.type === 'done') return answer;
  if (answer.status === 404 && answer.code !== 'NoSuchBucket') return null;
  throw answer.fault;
}
