import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ConnectionSettings } from './connection.ts';

/** Hears notifications on a connection of its own. */
export interface Listener {
  close(): Promise<void>;
}

type ListenerOptions = {
  readonly settings: ConnectionSettings;
  readonly channels: readonly string[];
  readonly onNotify: (channel: string, payload: string) => void;
  readonly onReconnect: () => void;
};

const reconnectMillisecondsMin = 100;
const reconnectMillisecondsMax = 10_000;

/** Resolves when it listens; the first connection must succeed, later ones are tried for ever. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const stopping = new AbortController();
  let lost = Promise.withResolvers<void>();
  let client = await connect(options, () => lost.resolve());

  const keepListening = async (): Promise<void> => {
    let wait = reconnectMillisecondsMin;
    for (;;) {
      await lost.promise;
      lost = Promise.withResolvers();
      if (stopping.signal.aborted) return;
      try {
        client = await connect(options, () => lost.resolve());
        wait = reconnectMillisecondsMin;
        options.onReconnect();
      } catch {
        await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {});
        wait = Math.min(wait * 2, reconnectMillisecondsMax);
        lost.resolve();
      }
    }
  };

  const keeping = keepListening();
  return {
    async close(): Promise<void> {
      stopping.abort();
      lost.resolve();
      await keeping;
      await client.end().catch(() => {});
    },
  };
}

async function connect(options: ListenerOptions, onLost: () => void): Promise<pg.Client> {
  const client = new pg.Client(options.settings);
  client.on('error', onLost);
  client.on('end', onLost);
  client.on('notification', ({ channel, payload }) => options.onNotify(channel, payload ?? ''));
  try {
    await client.connect();
    for (const channel of options.channels) {
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
    }
  } catch (error) {
    client
      .off('error', onLost)
      .off('end', onLost)
      .on('error', () => {});
    await client.end().catch(() => {});
    throw error;
  }
  return client;
}
