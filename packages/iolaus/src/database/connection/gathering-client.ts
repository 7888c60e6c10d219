import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { Client } from './connection-pool.ts';

/**
 * Sends what is asked in one turn of the event loop in one piece: the statements of a transaction that go together cost one
 * write instead of one each, and the server wakes up once for all of them.
 */
export function gatheringClient(client: pg.PoolClient): Client {
  return {
    query(query) {
      if (client instanceof pg.Client) holdBack(client.connection.stream);
      return client.query(query);
    },
  };
}

function holdBack(stream: Duplex): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}
