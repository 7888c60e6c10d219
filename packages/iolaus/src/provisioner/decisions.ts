import type { Wish } from './plan/wish.ts';

/** Something that was begun, for people. */
export type Decision = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: Wish['type'];
  readonly machine: string;
  readonly because: string;
};

// As many as a person reads.
const remembered = 50;

/** Those that were made just now before the earlier ones; of many only the latest. */
export const addDecisions = (
  before: readonly Decision[],
  wishes: readonly Wish[],
  at: number,
): readonly Decision[] =>
  [
    ...wishes.map(({ type, name, because }) => ({ at, type, machine: name, because })),
    ...before,
  ].slice(0, remembered);
