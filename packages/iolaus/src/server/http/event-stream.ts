import { once } from 'node:events';
import type { HttpBindings } from '@hono/node-server';
import { dataPolicy } from './headers.ts';

/** Somebody who listens to server-sent events. */
export type EventStream = {
  /** Aborted when they leave. */
  readonly gone: AbortSignal;
  /** Bytes that they have not taken yet. */
  readonly waitingBytes: number;
  send(event: Uint8Array): void;
  /** Resolves when there is room again, or they are gone. */
  drained(): Promise<void>;
  /** Says goodbye. */
  end(): void;
  /** Cuts them off. */
  drop(): void;
};

// A browser waits so long before it comes back.
const comeBackMilliseconds = 1000;

/** An event in the form of the stream. The data has no line breaks: it is JSON. */
export function encodeEvent(event: string, data: unknown, id?: string | number): Buffer {
  const head = id === undefined ? '' : `id: ${id}\n`;
  return Buffer.from(`${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Nothing, said to keep the connection. */
export const heartbeat = Buffer.from(':\n\n');

/** Begins a stream of events as the answer to a request. */
export function openEventStream({ incoming, outgoing }: HttpBindings): EventStream {
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());
  // A connection that breaks while something is written is no fault of anybody.
  outgoing.on('error', () => gone.abort());
  outgoing.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': dataPolicy,
    // Tells nginx not to keep events back.
    'x-accel-buffering': 'no',
  });
  if (incoming.method === 'HEAD') outgoing.end();
  else outgoing.write(`retry: ${comeBackMilliseconds}\n\n`);
  return {
    gone: gone.signal,
    get waitingBytes() {
      return outgoing.writableLength;
    },
    send(event) {
      if (!outgoing.writableEnded && !outgoing.destroyed) outgoing.write(event);
    },
    async drained() {
      if (!outgoing.writableNeedDrain || gone.signal.aborted) return;
      await once(outgoing, 'drain', { signal: gone.signal }).catch(() => {});
    },
    end() {
      outgoing.end();
    },
    drop() {
      outgoing.destroy();
    },
  };
}
