import type { WishName } from './observation.ts';

/** A machine that was asked for and has not been listed. */
export type OpenWish = {
  readonly pool: string;
  readonly driver: string;
  readonly offer: string;
  readonly generation: string;
  readonly at: number;
  /** The driver said that it was done. */
  readonly isCreated: boolean;
  /** Nobody knows whether it was done: it is asked for again, under the same name. */
  readonly isUnsure: boolean;
};

/** What a listing does not tell of a machine. Times by our own clock. */
export type KnownMachine = {
  readonly pool: string;
  readonly driver: string;
  readonly offer: string;
  readonly firstSeen: number;
  /** When the runner first had its builder; null: never. */
  readonly joinedAt: number | null;
  /** Since when the runner has not had it any more. */
  readonly lostSince: number | null;
  /** Since when it is to end, and why. */
  readonly drain: {
    readonly since: number;
    readonly because: string;
    /** It does not come back when work does. */
    readonly isFinal: boolean;
  } | null;
};

/** What is held against a pool's offer: it gets no wish until then. */
export type OfferRecord = {
  readonly failures: number;
  readonly until: number;
  readonly message: string;
};

export type PoolRecord = {
  /** How many machines were wanted lately, oldest first, one entry a change. */
  readonly wanted: readonly { readonly at: number; readonly count: number }[];
  readonly since: number;
  /** Machines in a row that never joined. */
  readonly neverJoined: number;
  readonly brokenUntil: number;
  /** From wish to joining, smoothed; null: none has joined yet. */
  readonly bootMilliseconds: number | null;
  readonly spent: number;
};

/** What is carried from plan to plan. It is plain JSON; without it everything is found again, but more slowly. */
export type Memory = {
  readonly now: number;
  /** When nothing was known yet; null: nothing is. */
  readonly since: number | null;
  readonly wishes: Readonly<Record<WishName, OpenWish>>;
  readonly machines: Readonly<Record<WishName, KnownMachine>>;
  readonly offers: Readonly<Record<string, OfferRecord>>;
  readonly pools: Readonly<Record<string, PoolRecord>>;
  /** Spent by hour since the epoch, for a day. */
  readonly hours: Readonly<Record<string, number>>;
};

export const blankMemory: Memory = {
  now: 0,
  since: null,
  wishes: {},
  machines: {},
  offers: {},
  pools: {},
  hours: {},
};

export function poolRecord(memory: Memory, pool: string): PoolRecord {
  return memory.pools[pool] ?? { ...newPool, since: memory.now };
}

const newPool: Omit<PoolRecord, 'since'> = {
  wanted: [],
  neverJoined: 0,
  brokenUntil: 0,
  bootMilliseconds: null,
  spent: 0,
};

/** Under what an offer's record is kept. */
export const offerKey = (pool: string, offer: string): string => `${pool}/${offer}`;
