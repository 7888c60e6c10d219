import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** `[::1]:port` as in Hydra's defaults, that nobody has now, for a program that does not tell what it chose. */
export async function findFreeAddress(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '::1'), 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  server.close();
  await once(server, 'close');
  return `[::1]:${address.port}`;
}
