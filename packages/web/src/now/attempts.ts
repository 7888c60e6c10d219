import { useRef } from 'preact/hooks';
import { getJson } from '../api/request.ts';
import { useReading } from '../api/resource.ts';
import type { Resource } from '../api/resource.ts';
import { apiRoot, secondsOrNull } from '../api/v2.ts';
import type { Attempt, AttemptList } from '../api/v2.ts';
import { now } from '../time/clock.ts';

// More bars than these nobody tells apart, and a browser has enough to do with them.
export const attemptsMax = 1500;
const pageSize = 500;
// What is recorded late, or by a clock that goes slow, is read again.
const overlapSeconds = 10;

export const attemptKey = ({ build, number }: Attempt): string => `${build}/${number}`;

/** Attempts by their keys. */
export type Attempts = {
  readonly byKey: ReadonlyMap<string, Attempt>;
  /** Seconds since the epoch: of what was over before, some is left out; null: all there is, is here. */
  readonly wholeFrom: number | null;
};

export const noAttempts: Attempts = { byKey: new Map(), wholeFrom: null };

/** Attempts of the last so many seconds, those under way included: the newest, where there are too many. */
export function useAttempts(spanSeconds: number, machine?: string): Resource<Attempts> {
  const known = useRef(noAttempts);
  const readFrom = useRef(0);
  const key = `attempts ${spanSeconds} ${machine ?? ''}`;
  const lastKey = useRef(key);
  if (lastKey.current !== key) {
    lastKey.current = key;
    readFrom.current = 0;
    known.current = noAttempts;
  }
  const read = async (signal: AbortSignal): Promise<Attempts> => {
    const startedAt = now.peek();
    const since = Math.max(readFrom.current - overlapSeconds, startedAt - spanSeconds);
    const fresh = await readSince(since, machine, signal);
    known.current = mergeAttempts(known.current, fresh, startedAt - spanSeconds);
    readFrom.current = startedAt;
    return known.current;
  };
  return useReading(key, read, { isAffected: () => true, isMoving: () => true });
}

async function readSince(
  since: number,
  machine: string | undefined,
  signal: AbortSignal,
): Promise<Attempt[]> {
  const query = new URLSearchParams({
    since: new Date(since * 1000).toISOString(),
    limit: String(pageSize),
    ...(machine === undefined ? {} : { machine }),
  });
  const attempts: Attempt[] = [];
  // One more tells that there are too many.
  while (attempts.length <= attemptsMax) {
    const page = await getJson<AttemptList>(`${apiRoot}/attempts?${query.toString()}`, signal);
    attempts.push(...page.items);
    if (page.next === null) break;
    query.set('cursor', page.next);
  }
  return attempts;
}

/**
 * What was known and what was read now. Nothing runs that was not read among the attempts under way: its end was recorded
 * in between, and is read again as it is.
 */
export function mergeAttempts(known: Attempts, fresh: readonly Attempt[], from: number): Attempts {
  const merged = new Map<string, Attempt>();
  for (const [key, attempt] of known.byKey) {
    const stoppedAt = secondsOrNull(attempt.stoppedAt);
    if (stoppedAt !== null && stoppedAt >= from) merged.set(key, attempt);
  }
  for (const attempt of fresh) merged.set(attemptKey(attempt), attempt);
  const wholeFrom = known.wholeFrom !== null && known.wholeFrom > from ? known.wholeFrom : null;
  return keepNewest({ byKey: merged, wholeFrom });
}

function keepNewest(attempts: Attempts): Attempts {
  if (attempts.byKey.size <= attemptsMax) return attempts;
  const newestFirst = [...attempts.byKey].sort(([, one], [, other]) => endOf(other) - endOf(one));
  const leftOut = newestFirst[attemptsMax];
  return {
    byKey: new Map(newestFirst.slice(0, attemptsMax)),
    wholeFrom: leftOut === undefined ? attempts.wholeFrom : endOf(leftOut[1]),
  };
}

const endOf = ({ stoppedAt }: Attempt): number => secondsOrNull(stoppedAt) ?? Infinity;
