import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenLocally } from './listen-locally.ts';

export type ServedObjects = AsyncDisposable & {
  readonly endpoint: string;
  /** By their paths, from `/` on. */
  readonly objects: ReadonlyMap<string, Buffer>;
};

/**
 * A server that keeps what is PUT, in memory, and gives it to whoever asks: what Nix's `http://` stores are.
 * @param options `writer` is the `name:password` without which nothing is taken, if any
 */
export async function serveObjects({ writer = '' } = {}): Promise<ServedObjects> {
  const objects = new Map<string, Buffer>();
  const mayWrite = ({ headers }: IncomingMessage): boolean =>
    writer === '' || headers.authorization === `Basic ${Buffer.from(writer).toString('base64')}`;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method !== 'PUT') show(objects, request, response);
      else if (!mayWrite(request)) response.writeHead(401).end();
      else response.writeHead(keep(objects, request, Buffer.concat(chunks))).end();
    });
  });
  return { ...(await listenLocally(server)), objects };
}

function keep(
  objects: Map<string, Buffer>,
  { url: key = '/', headers }: IncomingMessage,
  bytes: Buffer,
): number {
  if (headers['if-none-match'] === '*' && objects.has(key)) return 412;
  objects.set(key, bytes);
  return 201;
}

function show(
  objects: ReadonlyMap<string, Buffer>,
  { url: key = '/', method }: IncomingMessage,
  response: ServerResponse,
): void {
  const found = objects.get(key);
  if (found === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': String(found.length) });
  response.end(method === 'HEAD' ? undefined : found);
}
