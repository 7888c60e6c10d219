import { once } from 'node:events';
import { createConnection } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DaemonAddress } from '../daemon/address.ts';
import { WireReader } from '../daemon/wire/reader.ts';
import { send } from '../daemon/wire/send.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { follow } from './follow.ts';
import { SocketServer } from './socket-server.ts';
import type { Trace } from './trace.ts';

/** Where to listen, and whom to hand everything on to. */
export type TracingProxyOptions = {
  readonly socketPath: string;
  readonly daemon: DaemonAddress;
  /** Told of everything, and by which connection it came, from 1 on. */
  readonly onTrace: (trace: Trace, connection: number) => void;
};

/**
 * Stands between clients and a daemon, hands every byte on as it is, and tells what is asked and answered. What it does
 * not understand it hands on all the same, and says so once. Dispose it to hang up on everybody.
 */
export function traceDaemon(options: TracingProxyOptions): Promise<AsyncDisposable> {
  let connections = 0;
  return SocketServer.listen(options.socketPath, async (client) => {
    connections += 1;
    const connection = connections;
    const daemon = createConnection({ path: options.daemon.socketPath });
    await once(daemon, 'connect');
    await trace(client, daemon, options.daemon.storeDirectory, (seen) =>
      options.onTrace(seen, connection),
    );
  });
}

/** Hands on all bytes between a client and a daemon, and tells what they mean. Resolves when both have hung up. */
export async function trace(
  client: Duplex,
  daemon: Duplex,
  directory: StoreDirectory,
  onTrace: (trace: Trace) => void,
): Promise<void> {
  const [fromClient, fromDaemon] = [new PassThrough(), new PassThrough()];
  const overheard = {
    client: new WireReader(fromClient, directory, 'client'),
    daemon: new WireReader(fromDaemon, directory),
  };
  const following = follow(overheard, onTrace).catch((error: unknown) => {
    onTrace({ type: 'lost', reason: error instanceof Error ? error.message : String(error) });
    overheard.client.leave();
    overheard.daemon.leave();
  });
  const handingOn = [
    pipeline(client, tee(fromClient), daemon),
    pipeline(daemon, tee(fromDaemon), client),
  ];
  await Promise.allSettled(handingOn);
  await following;
}

/** Hands on what comes, and waits until `ear` has heard it. */
function tee(ear: PassThrough) {
  return async function* hear(
    source: AsyncIterable<Buffer>,
  ): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const chunk of source) {
        yield chunk;
        await send(ear, chunk);
      }
    } finally {
      ear.end();
    }
  };
}
