import type { Builder } from './builder.ts';

// Several times as long as a report needs to be recorded, and what comes next to arrive.
const aheadMilliseconds = 250;

/** Two ends say little: those of steps that began together tell nothing of how long they take. */
export const unknownPace = aheadMilliseconds;

/** How many steps it gets beyond its slots: as many as it will begin within a moment, and at least one while it is brisk. */
export function stepsAhead({ isBrisk, pace, facts }: Builder): number {
  return isBrisk ? Math.min(facts.ahead, Math.ceil(aheadMilliseconds / pace)) : 0;
}
