import type { FarmSettings } from '../../event.ts';
import type { Observer } from '../observer.ts';
import type { Universe } from '../universe.ts';

/** A number below the limit, from wherever it comes. */
export type Dice = (limit: number) => number;

/** Where a made-up world is played. */
export type Stage = {
  readonly observer: Observer;
  readonly universe: Universe;
  readonly dice: Dice;
  readonly settings: FarmSettings;
  /** How many there have been. */
  builds: number;
  builders: number;
};
