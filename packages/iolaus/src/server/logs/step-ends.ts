import type { Database } from '../../database/connection/connection.ts';

/** The builds of which a step has ended, or perhaps any build. */
export type Ended = ReadonlySet<number> | 'any';

/** Tells which steps end, a few times a second at most. It is only a hint: whoever is told looks again. */
export type StepEnds = {
  /** Calls `reader` until the returned function is called. */
  onEnd(reader: (ended: Ended) => void): () => void;
  close(): Promise<void>;
};

/** The notifications of Hydra's that say so, and where their payloads name builds. */
const buildsIn: Readonly<Record<string, (payload: string) => readonly string[]>> = {
  step_finished: (payload) => payload.split('\t', 1),
  build_finished: (payload) => payload.split('\t'),
};

// Faster than anybody can look, and few enough for a server of many readers.
const pauseMilliseconds = 200;
// More ids than this are longer to look through than it is to look again.
const namedBuildsMax = 200;

/** Listens to the database's notifications. */
export async function watchStepEnds(database: Database): Promise<StepEnds> {
  const readers = new Set<(ended: Ended) => void>();
  const gathered = gatherEnds((ended) => {
    for (const reader of readers) reader(ended);
  });
  const listener = await database.listen(
    Object.keys(buildsIn),
    (channel, payload) => gathered.add(readNotification(channel, payload)),
    // What happened while the connection was away was told to nobody.
    () => gathered.add('any'),
  );
  return {
    onEnd(reader) {
      readers.add(reader);
      return () => readers.delete(reader);
    },
    async close() {
      gathered.close();
      await listener.close();
    },
  };
}

/** What a notification tells; any build where it is not understood. */
export function readNotification(channel: string, payload: string): Ended {
  const builds = buildsIn[channel]?.(payload).map(Number) ?? [];
  const isNamed = builds.length > 0 && builds.every((id) => Number.isSafeInteger(id) && id > 0);
  return isNamed ? new Set(builds) : 'any';
}

/** Puts ends together and passes them on: the first at once, later ones after a pause. */
export function gatherEnds(pass: (ended: Ended) => void): {
  add(ended: Ended): void;
  close(): void;
} {
  let gathered: Ended = new Set();
  let passedAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  const flush = () => {
    const ended = gathered;
    timer = undefined;
    gathered = new Set();
    passedAt = performance.now();
    pass(ended);
  };
  return {
    add(ended) {
      gathered = gathered === 'any' || ended === 'any' ? 'any' : gathered.union(ended);
      if (gathered !== 'any' && gathered.size > namedBuildsMax) gathered = 'any';
      timer ??= setTimeout(flush, Math.max(0, passedAt + pauseMilliseconds - performance.now()));
    },
    close() {
      clearTimeout(timer);
    },
  };
}
