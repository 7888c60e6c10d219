import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { S3Store } from '../objects/s3/s3-store.ts';
import { urlOf } from './faulty-server.ts';
import { listenLocally } from './listen-locally.ts';

/** A bucket that everybody may read, by two addresses of Nix's. */
export type ShownBucket = AsyncDisposable & { readonly http: string; readonly s3: string };

/** Shows a bucket to whoever asks, as one whose owner allows it: not every Nix can sign what it asks of S3. */
export async function showBucket(objects: S3Store): Promise<ShownBucket> {
  const server = createServer((request, response) => {
    answer(objects, request, response).catch(() => response.destroy());
  });
  const listening = await listenLocally(server);
  const { bucket } = objects.client.place;
  return {
    http: `${listening.endpoint}/${bucket}`,
    s3: `s3://${bucket}?scheme=http&endpoint=${new URL(listening.endpoint).host}`,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

async function answer(
  objects: S3Store,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = decodeURIComponent(urlOf(request).pathname.split('/').slice(2).join('/'));
  const found = await objects.get(key);
  if (found === null) return void response.writeHead(404).end();
  const { sizeInBytes, contentEncoding } = found;
  response.writeHead(200, {
    'content-length': sizeInBytes,
    ...(contentEncoding === null ? {} : { 'content-encoding': contentEncoding }),
  });
  await pipeline(found.body, response);
}
