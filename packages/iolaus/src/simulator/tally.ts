import type { History } from './history.ts';

export type Failure = { readonly seed: number; readonly breach: string };

/** What many histories came to. */
export type Tally = {
  seeds: number;
  events: number;
  readonly failures: Failure[];
  /** How often what happened, and in how many histories. */
  readonly counts: Map<string, { times: number; histories: number }>;
};

export const emptyTally = (): Tally => ({ seeds: 0, events: 0, failures: [], counts: new Map() });

export function addHistory(tally: Tally, seed: number, history: History): void {
  tally.seeds += 1;
  tally.events += history.events;
  const [breach] = history.breaches;
  if (breach !== undefined) tally.failures.push({ seed, breach });
  for (const [what, times] of history.counts) addCount(tally, what, { times, histories: 1 });
}

export function addTally(tally: Tally, other: Tally): void {
  tally.seeds += other.seeds;
  tally.events += other.events;
  tally.failures.push(...other.failures);
  for (const [what, count] of other.counts) addCount(tally, what, count);
}

function addCount(
  { counts }: Tally,
  what: string,
  { times, histories }: { readonly times: number; readonly histories: number },
): void {
  const count = counts.get(what);
  if (count === undefined) {
    counts.set(what, { times, histories });
    return;
  }
  count.times += times;
  count.histories += histories;
}
