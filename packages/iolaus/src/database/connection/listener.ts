import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ConnectionSettings } from './connection-settings.ts';

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

type ListeningConnection = {
  readonly client: pg.Client;
  /** Resolves when it is of no further use. */
  readonly lost: Promise<void>;
};

const reconnectMillisecondsMin = 50;
const reconnectMillisecondsMax = 10_000;

/** Resolves when it listens; the first connection must succeed, later ones are tried for ever. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const closing = new AbortController();
  const closed = new Promise<void>((resolve) => {
    closing.signal.addEventListener('abort', () => resolve());
  });
  const first = await connect(options);

  const keepListening = async (): Promise<void> => {
    let connection = first;
    for (;;) {
      await Promise.race([connection.lost, closed]);
      await connection.client.end().catch(() => {});
      const next = await reconnect(options, closing.signal);
      if (next === undefined) return;
      connection = next;
      if (!closing.signal.aborted) options.onReconnect();
    }
  };

  const listening = keepListening();
  return {
    async close(): Promise<void> {
      closing.abort();
      await listening;
    },
  };
}

/** Undefined if there is no need for it any more. */
async function reconnect(
  options: ListenerOptions,
  signal: AbortSignal,
): Promise<ListeningConnection | undefined> {
  for (
    let wait = reconnectMillisecondsMin;
    !signal.aborted;
    wait = Math.min(wait * 2, reconnectMillisecondsMax)
  ) {
    try {
      return await connect(options);
    } catch {
      await sleep(wait, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}

async function connect(options: ListenerOptions): Promise<ListeningConnection> {
  const client = new pg.Client(options.settings);
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
    client.on('end', () => resolve());
  });
  client.on('notification', ({ channel, payload }) => options.onNotify(channel, payload ?? ''));
  try {
    await client.connect();
    for (const channel of options.channels) {
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
    }
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  return { client, lost };
}
