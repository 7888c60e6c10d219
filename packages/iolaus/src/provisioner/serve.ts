import { createServer } from 'node:http';
import { once } from 'node:events';
import { boundAddress, listen, localEndpoint } from '../protocol/bind.ts';
import type { Bind } from '../protocol/bind.ts';
import { renderMetrics } from './metrics.ts';
import type { Provisioner } from './provisioner.ts';
import { describeStatus } from './status.ts';

export type ServedStatus = AsyncDisposable & { readonly url: string };

/** `/status`: pools with a sentence each, and what was done last; `/metrics`: the same for Prometheus. It only reads. */
export async function serveStatus(
  bind: Bind,
  provisioner: Pick<Provisioner, 'latest' | 'decisions' | 'turn' | 'configuration'>,
): Promise<ServedStatus> {
  const server = createServer((request, response) => {
    const { url, method } = request;
    const send = (status: number, contentType: string, text: string): void => {
      response.writeHead(status, { 'content-type': contentType }).end(text);
    };
    const path = url?.replace(/[?#].*$/, '');
    if (method !== 'GET' || (path !== '/status' && path !== '/metrics')) {
      send(404, 'application/json', JSON.stringify({ error: `there is no ${method} ${url}` }));
    } else if (path === '/metrics') {
      send(200, 'text/plain; version=0.0.4', renderMetrics(provisioner));
    } else send(200, 'application/json', JSON.stringify(describeStatus(provisioner)));
  });
  await listen(server, bind);
  return {
    url: localEndpoint(boundAddress(server)),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
