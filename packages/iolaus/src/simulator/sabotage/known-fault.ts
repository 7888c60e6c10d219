import type { Sabotage } from './sabotage.ts';

/** A class of faults that was seen in production, put into our runner. */
export type KnownFault = {
  readonly name: string;
  /** What happens. */
  readonly story: string;
  /** Where it was seen: weaknesses (W) of Hydra's queue runner, threads and commits of NixOS/hydra. */
  readonly seen: string;
  /** It is found within so many seeds from 1 on. */
  readonly withinSeeds: number;
  readonly sabotage: Sabotage;
};
