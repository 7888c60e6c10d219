import type { PoolConfiguration } from '../configuration.ts';
import type { DriverFailure, Machine } from '../plan/observation.ts';
import type { Offer } from '../plan/policy.ts';

/** A machine that is wished for, and what its builder needs to join. */
export type Order = {
  /** Also what the builder is to call itself. */
  readonly name: string;
  readonly owner: string;
  readonly pool: PoolConfiguration;
  readonly offer: Offer;
  readonly generation: string;
  readonly join: JoinDocument;
  /** `ec2`, or a command that ends well when the machine is taken back; absent: its builder does not ask. */
  readonly interruptionNotice?: string;
};

/** What a new machine's builder is told. */
export type JoinDocument = {
  readonly endpoint: string;
  /** Null: the machine has what it needs, or nobody asks. */
  readonly token: string | null;
  /** Milliseconds; null: it does not end by itself. */
  readonly exitWhenIdle: number | null;
  /** The command of the machine that ends it. */
  readonly afterwards: string;
};

/**
 * Where machines come from. Every machine bears the owner, its pool, its name and its offer from the moment in which it
 * is there. Each call may throw `DriverError`, and may be made twice.
 */
export interface Driver extends AsyncDisposable {
  /** All that bear the owner's mark, in every state; throws rather than leave one out. */
  list(): Promise<readonly Machine[]>;
  /** One machine for each name, however often it is asked for. */
  create(order: Order): Promise<void>;
  /** Done also if it is gone already. */
  destroy(machine: Machine): Promise<void>;
  stop?(machine: Machine): Promise<void>;
  start?(machine: Machine): Promise<void>;
  /** For an hour, by the offer's name; what nobody knows is left out. */
  prices?(pool: PoolConfiguration): Promise<ReadonlyMap<string, number>>;
}

/** Why a driver could not do what it was asked. */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly failure: DriverFailure;

  constructor(failure: DriverFailure, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.failure = failure;
  }
}
