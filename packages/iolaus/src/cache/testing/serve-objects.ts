import { createServer } from 'node:http';
import { listenLocally } from './listen-locally.ts';

/** A server that keeps what is PUT, in memory, and gives it to whoever asks: what Nix's `http://` stores are. */
export async function serveObjects(): Promise<AsyncDisposable & { readonly endpoint: string }> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const key = request.url ?? '/';
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const found = objects.get(key);
      if (request.method === 'PUT') {
        const isThere = request.headers['if-none-match'] === '*' && found !== undefined;
        if (!isThere) objects.set(key, Buffer.concat(chunks));
        response.writeHead(isThere ? 412 : 201).end();
      } else if (found === undefined) response.writeHead(404).end();
      else {
        response.writeHead(200, { 'content-length': String(found.length) });
        response.end(request.method === 'HEAD' ? undefined : found);
      }
    });
  });
  return listenLocally(server);
}
