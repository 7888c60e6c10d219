import type { Machine, WishName } from './observation.ts';
import type { Offer } from './policy.ts';

/** What is to be done. Each may be done twice without harm. */
export type Wish =
  | {
      readonly type: 'create';
      readonly name: WishName;
      readonly pool: string;
      readonly offer: Offer;
      readonly because: string;
    }
  | OfMachine<'start'>
  | OfMachine<'stop'>
  | OfMachine<'destroy'>
  /** Its builder gets no more work, or gets work again. */
  | { readonly type: 'drain'; readonly name: WishName; readonly because: string }
  | { readonly type: 'undrain'; readonly name: WishName; readonly because: string };

type OfMachine<Type extends string> = {
  readonly type: Type;
  readonly name: WishName;
  readonly driver: string;
  readonly machine: Machine;
  readonly because: string;
};

/** How a pool stands, in a sentence and in figures. */
export type PoolReport = {
  readonly pool: string;
  readonly sentence: string;
  readonly wanted: number;
  readonly existing: number;
  readonly booting: number;
  readonly ready: number;
  readonly draining: number;
  readonly runnable: number;
  readonly seconds: number;
  /** Milliseconds that the longest waiting step has waited. */
  readonly waited: number;
  readonly costPerHour: number;
  readonly spent: number;
};
