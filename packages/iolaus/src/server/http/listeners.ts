import { ApiError } from './api-error.ts';
import type { EventStream } from './event-stream.ts';

/** Everybody who listens to one kind of stream. */
export type Listeners = {
  /** Throws `ApiError` if there is no room for one more. */
  expectOneMore(): void;
  add(stream: EventStream): void;
  /** Sends one event to all. */
  tell(event: Uint8Array): void;
  /** Ends all streams. */
  close(): void;
};

// Who is so far behind gets nothing more: it comes back, and reads what it missed.
const waitingBytesMax = 256 * 1024;

/** At most `listenersMax` at a time, since each holds a connection and some memory. */
export function createListeners(listenersMax: number): Listeners {
  const streams = new Set<EventStream>();
  return {
    expectOneMore() {
      if (streams.size < listenersMax) return;
      throw new ApiError(
        503,
        'too-many-listeners',
        `There are ${listenersMax} listeners already. Try again later.`,
      );
    },
    add(stream) {
      streams.add(stream);
      stream.gone.addEventListener('abort', () => streams.delete(stream));
    },
    tell(event) {
      for (const stream of streams) {
        if (stream.waitingBytes > waitingBytesMax) stream.drop();
        else stream.send(event);
      }
    },
    close() {
      for (const stream of streams) stream.end();
    },
  };
}
