import type { Clock } from '../clock.ts';

/** Stands still until it is told how much has passed. */
export function handClock(start = 0): Clock & { pass(milliseconds: number): void } {
  let now = start;
  const waiting = new Set<() => void>();
  return {
    now: () => now,
    elapsed: () => now,
    after: (_, act) => {
      waiting.add(act);
      return () => void waiting.delete(act);
    },
    pass: (milliseconds) => {
      now += milliseconds;
      const due = [...waiting];
      waiting.clear();
      for (const act of due) act();
    },
  };
}
