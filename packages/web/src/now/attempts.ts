import { useRef } from 'preact/hooks';
import { getJson } from '../api/request.ts';
import { useReading } from '../api/resource.ts';
import type { Resource } from '../api/resource.ts';
import { apiRoot, secondsOrNull } from '../api/v2.ts';
import type { Attempt, AttemptList } from '../api/v2.ts';
import { now } from '../time/clock.ts';

// More bars than these nobody tells apart, and a browser has enough to do with them.
const attemptsMax = 1500;
const pageSize = 500;
// What is recorded late, or by a clock that goes slow, is read again.
const overlapSeconds = 10;

export const attemptKey = ({ build, number }: Attempt): string => `${build}/${number}`;

/** Attempts of the last so many seconds, those under way included, by their keys. */
export function useAttempts(
  spanSeconds: number,
  machine?: string,
): Resource<ReadonlyMap<string, Attempt>> {
  const known = useRef(new Map<string, Attempt>());
  const readFrom = useRef(0);
  const key = `attempts ${spanSeconds} ${machine ?? ''}`;
  const lastKey = useRef(key);
  if (lastKey.current !== key) {
    lastKey.current = key;
    readFrom.current = 0;
  }
  const read = async (signal: AbortSignal): Promise<ReadonlyMap<string, Attempt>> => {
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
  while (attempts.length < attemptsMax) {
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
export function mergeAttempts(
  known: ReadonlyMap<string, Attempt>,
  fresh: readonly Attempt[],
  from: number,
): Map<string, Attempt> {
  const merged = new Map<string, Attempt>();
  for (const [key, attempt] of known) {
    const stoppedAt = secondsOrNull(attempt.stoppedAt);
    if (stoppedAt !== null && stoppedAt >= from) merged.set(key, attempt);
  }
  for (const attempt of fresh) merged.set(attemptKey(attempt), attempt);
  return merged;
}
