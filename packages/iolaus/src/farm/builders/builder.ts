import type { BuilderFacts, BuilderHealth } from '../facts.ts';
import type { BuilderId, Instant } from '../identity.ts';
import type { Lease } from '../attempts/lease.ts';
import type { HostHold } from './host-hold.ts';
import type { PlacementPolicy } from '../placement/policy.ts';
import type { Queue } from '../queues/queue.ts';

/** A builder that has joined and has not left. */
export type Builder = {
  readonly type: 'builder';
  readonly id: BuilderId;
  readonly facts: BuilderFacts;
  /** Order of joining: decides between builders that are equal in everything else. */
  readonly sequence: number;
  /** Until its first ping nobody knows whether it has space left. */
  health: BuilderHealth | undefined;
  /** How it is chosen for steps. */
  placement: PlacementPolicy;
  readonly leases: Set<Lease>;
  /** The queues that it can serve. */
  readonly queues: Set<Queue>;
  /** Faults of its own in a row, and since when the next one would count. */
  faults: number;
  faultsCountFrom: Instant;
  pausedUntil: Instant | undefined;
  /** Steps that went wrong here but well elsewhere, since its last success. */
  blames: number;
  /** It has to do one step well before it gets more than one at a time. */
  onTrial: boolean;
  /** What a person wants of its host. */
  hold: HostHold | undefined;
  /** When it last pinged or joined, whether that is too long ago, and when somebody looks. */
  heardAt: Instant;
  isSilent: boolean;
  listenAt: Instant | undefined;
  /** Its slots fall free often enough for it to get steps ahead. */
  isBrisk: boolean;
  /** Milliseconds between ends, while it is brisk: a mean in which the last ones count most. */
  pace: number;
  /** When it last finished something, and how much in that moment. */
  lastEnd: Instant;
  lastEnds: number;
  /** When somebody looks whether it gets to what it took ahead. */
  lookAt: Instant | undefined;
  /** Its tunnel is gone: until when its attempts wait for it to come back. */
  awayUntil: Instant | undefined;
  /** Attempts that it had when it came back; they may be more than it takes now. */
  brought: number;
  /** Inherited attempts that it goes on with and whose steps are not known yet: they take slots. */
  unmet: number;
};

/** Why a builder gets no work at all for now; null if it does. */
export type Closure =
  | 'away'
  | 'silent'
  | 'no-ping-yet'
  | 'paused-by-hand'
  | 'draining'
  | 'build-directory-full'
  | 'store-full'
  | 'paused'
  | 'on-trial';

export function whyClosed(builder: Builder): Closure | null {
  const { health, facts, pausedUntil, awayUntil, hold } = builder;
  if (awayUntil !== undefined) return 'away';
  if (builder.isSilent) return 'silent';
  if (health === undefined) return 'no-ping-yet';
  if (hold !== undefined) return hold === 'paused' ? 'paused-by-hand' : 'draining';
  // What no disk has is a builder that takes nothing more.
  if (health.buildDirectoryFreePercent < 0) return 'draining';
  if (health.buildDirectoryFreePercent < facts.buildDirectoryThreshold)
    return 'build-directory-full';
  if (health.storeFreePercent < facts.storeThreshold) return 'store-full';
  if (pausedUntil !== undefined) return 'paused';
  return builder.onTrial && builder.leases.size > 0 ? 'on-trial' : null;
}
