import type { Change } from '@iolaus/web/api';
import type { Database } from '../../database/connection/connection.ts';
import { changeChannels, readNotification } from './notifications.ts';

/** Tells what changes in the database, a few times a second at most. */
export type Changes = {
  /** Calls `reader` at every change until the returned function is called. */
  onChange(reader: (change: Change) => void): () => void;
  close(): Promise<void>;
};

// Faster than anybody can look, and few enough for a server of many pages.
const pauseMilliseconds = 200;
// More ids than this are longer than what they save.
const namedBuildsMax = 200;

/** Listens to the database's notifications. One is only a hint: whoever is told reads again. */
export async function watchChanges(database: Database): Promise<Changes> {
  const readers = new Set<(change: Change) => void>();
  const gathered = gatherChanges((change) => {
    for (const reader of readers) reader(change);
  });
  const listener = await database.listen(
    changeChannels,
    (channel, payload) => gathered.add(readNotification(channel, payload)),
    // What happened while the connection was away was told to nobody.
    () => gathered.add({ builds: [], all: true }),
  );
  return {
    onChange(reader) {
      readers.add(reader);
      return () => readers.delete(reader);
    },
    async close() {
      gathered.close();
      await listener.close();
    },
  };
}

/** Puts changes together and passes them on: the first at once, later ones after a pause. */
export function gatherChanges(pass: (change: Change) => void): {
  add(change: Change): void;
  close(): void;
} {
  let builds = new Set<number>();
  let all = false;
  let passedAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    const change: Change = all ? { builds: [], all: true } : { builds: [...builds], all: false };
    timer = undefined;
    builds = new Set();
    all = false;
    passedAt = performance.now();
    pass(change);
  };
  return {
    add(change) {
      for (const id of change.builds) builds.add(id);
      all ||= change.all || builds.size > namedBuildsMax;
      timer ??= setTimeout(flush, Math.max(0, passedAt + pauseMilliseconds - performance.now()));
    },
    close() {
      clearTimeout(timer);
    },
  };
}
