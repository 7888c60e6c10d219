import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { DaemonError } from './daemon-error.ts';

/**
 * Connects to a Unix socket.
 * @throws DaemonError (`unreachable`), or the signal's reason
 */
export function openSocket(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = createConnection({ path });
  const fail = (cause: Error) =>
    reject(
      new DaemonError('unreachable', `No Nix daemon answers at ${path}: ${cause.message}`, {
        cause,
      }),
    );
  const abort = () => {
    socket.destroy();
    reject(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  socket.once('error', fail);
  socket.once('connect', () => {
    socket.off('error', fail);
    resolve(socket);
  });
  return promise.finally(() => signal?.removeEventListener('abort', abort));
}
