import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { onChange } from './changes.ts';
import type { Change } from './changes.ts';
import { takeFirstAnswer } from './first-answer.ts';
import { getJson, RequestFailure } from './request.ts';

/** What is known of something on the server: the newest answer, and why there is no newer one. */
export type Resource<T> = Known<T> & {
  /** Reads it again now: the page itself has changed it. */
  readonly again: () => void;
};

type Known<T> = {
  readonly data: T | undefined;
  readonly failure: RequestFailure | undefined;
};

export type ReadingOptions<T> = {
  /** Whether a change concerns it. */
  readonly isAffected: (change: Change) => boolean;
  /** Whether it moves without anybody telling: then it is read again every few seconds. */
  readonly isMoving?: (data: T) => boolean;
};

// A busy farm tells of changes five times a second; nobody reads that fast.
const pauseMilliseconds = 400;
const movingMilliseconds = 2500;
const retryMilliseconds = 3000;

/** Reads `path` and keeps it fresh while the component stands. The last answer stays until the next has come. */
export function useResource<T>(path: string, options: ReadingOptions<T>): Resource<T> {
  return useReading(path, (signal) => getJson<T>(path, signal), options);
}

/** The same for what is read in another way; `key` says what, and whether the server may have sent it with the page. */
export function useReading<T>(
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  options: ReadingOptions<T>,
): Resource<T> {
  const [known, setKnown] = useState<Known<T>>({ data: undefined, failure: undefined });
  const reading = useRef<KeptReading>(undefined);
  // Not after the first paint, as other effects: what came with the page is to be seen in it.
  useLayoutEffect(() => {
    reading.current = keepReading({ ...options, key, read }, setKnown);
    return reading.current.stop;
  }, [key]);
  return { ...known, again: () => reading.current?.again() };
}

type KeptReading = { readonly again: () => void; readonly stop: () => void };

type Show<T> = (update: (last: Known<T>) => Known<T>) => void;
type Reading<T> = ReadingOptions<T> & {
  readonly key: string;
  readonly read: (signal: AbortSignal) => Promise<T>;
};

function keepReading<T>(options: Reading<T>, show: Show<T>): KeptReading {
  const stopped = new AbortController();
  const schedule = createSchedule(() => void read());
  let reading = false;
  let outdated = false;

  const read = async (): Promise<void> => {
    reading = true;
    outdated = false;
    const answer = await readOnce(options.read, stopped.signal);
    if (stopped.signal.aborted) return;
    reading = false;
    settle(answer);
  };
  const settle = (answer: Answer<T>): void => {
    show((last) =>
      'data' in answer ? { data: answer.data, failure: undefined } : { ...last, ...answer },
    );
    const wait = waitAfter(answer, options, outdated);
    if (wait !== null) schedule.within(wait);
  };
  const forget = onChange((change) => {
    if (!change.all && !options.isAffected(change)) return;
    if (reading) outdated = true;
    else schedule.within(pauseMilliseconds);
  });

  const first = takeFirstAnswer<T>(options.key);
  if (first === undefined) void read();
  else settle({ data: first });
  return {
    again() {
      if (reading) outdated = true;
      else schedule.within(0);
    },
    stop() {
      stopped.abort();
      schedule.cancel();
      forget();
    },
  };
}

/** Runs `act` once within the shortest of the times asked for, so that many wishes cannot put it off. */
function createSchedule(act: () => void): { within(milliseconds: number): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let due = Infinity;
  const run = () => {
    due = Infinity;
    act();
  };
  return {
    within(milliseconds) {
      const wished = performance.now() + milliseconds;
      if (wished >= due) return;
      clearTimeout(timer);
      due = wished;
      timer = setTimeout(run, milliseconds);
    },
    cancel() {
      clearTimeout(timer);
    },
  };
}

type Answer<T> = { readonly data: T } | { readonly failure: RequestFailure };

async function readOnce<T>(
  read: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<Answer<T>> {
  try {
    return { data: await read(signal) };
  } catch (error) {
    if (error instanceof RequestFailure) return { failure: error };
    return {
      failure: new RequestFailure(0, 'The answer of the server was cut short.', { cause: error }),
    };
  }
}

/** Milliseconds until it is read again by itself; null: not before something changes. */
function waitAfter<T>(
  answer: Answer<T>,
  options: ReadingOptions<T>,
  outdated: boolean,
): number | null {
  if ('failure' in answer) return answer.failure.passes ? retryMilliseconds : null;
  if (outdated) return pauseMilliseconds;
  return options.isMoving?.(answer.data) === true ? movingMilliseconds : null;
}
