import { Budget } from './budget.ts';

/** Does what it is given, in turn. `share`: how much of the limit it takes up, 1 if nothing is said. */
export type Lane = <Result>(work: () => Promise<Result>, share?: number) => Promise<Result>;

/** Lets so much go on at a time; the others wait in line. */
export function atMost(limit: number): Lane {
  const budget = new Budget(limit);
  return async (work, share = 1) => {
    await budget.take(share);
    try {
      return await work();
    } finally {
      budget.giveBack(share);
    }
  };
}
