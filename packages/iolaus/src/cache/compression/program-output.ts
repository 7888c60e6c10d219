import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a program writes. Each piece is good only until the next is asked for. */
export type ProgramOutput = AsyncIterable<Uint8Array> & {
  /** To be given to the program as its output, and destroyed when it has it. */
  readonly end: Socket;
  destroy(error?: Error): void;
};

/** More than the system keeps of what was written. */
const bufferBytes = 256 * 1024;

/**
 * Has the output of a program come into one buffer. For a pipe of its own making Node takes new memory for every piece,
 * and as it is no part of V8's heap that is much before it is cleared away.
 */
export async function openProgramOutput(): Promise<ProgramOutput> {
  let arrival = Promise.withResolvers<Uint8Array | undefined>();
  const ours = (path: string): Socket =>
    connect({
      path,
      onread: {
        buffer: Buffer.allocUnsafeSlow(bufferBytes),
        callback: (length, buffer) => {
          arrival.resolve(buffer.subarray(0, length));
          return false;
        },
      },
    });
  const [reading, end] = await connectPair(ours);
  reading.on('error', (error) => {
    arrival.promise.catch(() => {});
    arrival.reject(error);
  });
  reading.on('close', () => arrival.resolve(undefined));
  return {
    end,
    destroy: (error) => void reading.destroy(error),
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const piece = await arrival.promise;
        if (piece === undefined) return;
        arrival = Promise.withResolvers();
        yield piece;
        reading.resume();
      }
    },
  };
}

/** By way of a folder that nobody else may look into. */
async function connectPair(open: (path: string) => Socket): Promise<[Socket, Socket]> {
  const folder = await mkdtemp(join(tmpdir(), 'iolaus-output-'));
  const server = createServer();
  try {
    const path = join(folder, 'socket');
    await once(server.listen(path), 'listening');
    const ours = open(path);
    const [theirs] = await once(server, 'connection');
    return [ours, theirs];
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
}
