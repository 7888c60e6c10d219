import type { DaemonAddress } from '../daemon/address.ts';
import { serveClient } from './serve-client.ts';
import type { ServeOptions } from './serve-client.ts';
import { SocketServer } from './socket-server.ts';

/**
 * Stands in for a daemon at an address: our clients and Nix's own commands (`NIX_REMOTE=unix://SOCKET`) can talk to it.
 * Dispose it to hang up on all of them.
 */
export function serveDaemon(
  { socketPath, storeDirectory }: DaemonAddress,
  options: Omit<ServeOptions, 'storeDirectory'>,
): Promise<AsyncDisposable> {
  return SocketServer.listen(socketPath, (socket) =>
    serveClient(socket, { ...options, storeDirectory }),
  );
}
