import { play } from './history.ts';
import { makePlan } from './make-plan.ts';
import { noSabotage } from './sabotage/sabotage.ts';
import type { Sabotage } from './sabotage/sabotage.ts';
import { addHistory, emptyTally } from './tally.ts';
import type { Tally } from './tally.ts';

/** Plays so many seeds, one after the other. */
export async function playSeeds(from: number, count: number): Promise<Tally> {
  const tally = emptyTally();
  for (let seed = from; seed < from + count; seed += 1) {
    addHistory(tally, seed, await play(makePlan(seed)));
  }
  return tally;
}

/** The first seed, from 1 on, in which a promise is broken. Undefined if there is none up to `most`. */
export async function findBreach(
  most: number,
  sabotage: Sabotage = noSabotage,
): Promise<{ readonly seed: number; readonly breach: string } | undefined> {
  for (let seed = 1; seed <= most; seed += 1) {
    const [breach] = (await play(makePlan(seed), sabotage)).breaches;
    if (breach !== undefined) return { seed, breach };
  }
  return undefined;
}
