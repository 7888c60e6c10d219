import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DaemonError } from './daemon-error.ts';

/**
 * A daemon lets only a few connections (5 up to Nix 2.8) wait until it accepts them, which takes it
 * about a millisecond each; the kernel turns away the others.
 */
const retryIntervalInMilliseconds = 10;
const patienceInMilliseconds = 60_000;

/**
 * Connects to a Unix socket, waiting in line where many do at once.
 * @throws DaemonError (`unreachable`), or the signal's reason
 */
export async function openSocket(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  const deadline = performance.now() + patienceInMilliseconds;
  for (;;) {
    try {
      return await tryToOpen(path, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      if (!isTurnedAway(cause) || performance.now() > deadline) throw unreachable(path, cause);
      await delay(retryIntervalInMilliseconds);
    }
  }
}

function tryToOpen(path: string, signal: AbortSignal | undefined): Promise<Socket> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = createConnection({ path });
  const abort = () => {
    socket.destroy();
    reject(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    resolve(socket);
  });
  return promise.finally(() => signal?.removeEventListener('abort', abort));
}

function isTurnedAway(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

function unreachable(path: string, cause: unknown): DaemonError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DaemonError('unreachable', `No Nix daemon answers at ${path}: ${reason}`, { cause });
}
