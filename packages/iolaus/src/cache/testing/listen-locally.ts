import { once } from 'node:events';
import type { Server } from 'node:http';

/** A server on a free port of this machine; its end cuts whoever is still connected. */
export async function listenLocally(
  server: Server,
): Promise<AsyncDisposable & { readonly endpoint: string }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
