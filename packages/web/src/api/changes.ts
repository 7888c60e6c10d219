import { signal } from '@preact/signals';
import { apiRoot } from './v2.ts';
import { whileVisible } from './visible.ts';

export type Connection = 'connecting' | 'live' | 'lost';

/** Whether the page hears of changes. */
export const connection = signal<Connection>('connecting');

/** What to read again. */
export type Change = {
  readonly builds: readonly number[];
  /** Something changed that is not named, or too much to name: read everything again. */
  readonly all: boolean;
};

type Reader = (change: Change) => void;

// After an answer that was no stream the browser gives up for good; this asks again.
const reopenMilliseconds = 2000;

const everything: Change = { builds: [], all: true };
const somethingElse: Change = { builds: [], all: false };

const address = `${apiRoot}/events?topics=builds,steps,evaluations,jobsets,builders,queues`;

/** What is to be read again of each event. After a broken connection the browser asks for those that it missed. */
const changeOf: Readonly<Record<string, (data: { id?: number; build?: number }) => Change>> = {
  ready: () => everything,
  reset: () => everything,
  builds: () => everything,
  build: ({ id = 0 }) => ({ builds: [id], all: false }),
  step: ({ build = 0 }) => ({ builds: [build], all: false }),
  evaluation: () => somethingElse,
  jobset: () => somethingElse,
  builders: () => somethingElse,
  queues: () => somethingElse,
};
const readers = new Set<Reader>();

/** Calls `reader` at every change until the returned function is called. */
export function onChange(reader: Reader): () => void {
  readers.add(reader);
  return () => readers.delete(reader);
}

/** Listens for changes for as long as the page is looked at. */
export function listenForChanges(): void {
  whileVisible((signal) => listen(signal));
}

function listen(hidden: AbortSignal): void {
  const source = new EventSource(address);
  let reopening: ReturnType<typeof setTimeout> | undefined;
  source.addEventListener('open', () => {
    connection.value = 'live';
  });
  for (const [event, read] of Object.entries(changeOf)) {
    source.addEventListener(event, ({ data }: MessageEvent<string>) => {
      tell(read(data === '' ? {} : (JSON.parse(data) ?? {})));
    });
  }
  source.addEventListener('error', () => {
    connection.value = 'lost';
    if (source.readyState !== EventSource.CLOSED) return;
    reopening = setTimeout(() => listen(hidden), reopenMilliseconds);
  });
  hidden.addEventListener('abort', () => {
    clearTimeout(reopening);
    source.close();
  });
}

function tell(change: Change): void {
  for (const reader of readers) reader(change);
}
