import { signal } from '@preact/signals';
import type { Change } from './shapes.ts';
import { whileVisible } from './visible.ts';

export type Connection = 'connecting' | 'live' | 'lost';

/** Whether the page hears of changes. */
export const connection = signal<Connection>('connecting');

type Reader = (change: Change) => void;

// After an answer that was no stream the browser gives up for good; this asks again.
const reopenMilliseconds = 2000;

const everything: Change = { builds: [], all: true };
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
  const source = new EventSource('/api/events');
  let reopening: ReturnType<typeof setTimeout> | undefined;
  source.addEventListener('open', () => {
    connection.value = 'live';
    // What happened while nobody listened is not told again.
    tell(everything);
  });
  source.addEventListener('change', (event: MessageEvent<string>) => {
    const change: Change = JSON.parse(event.data);
    tell(change);
  });
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
