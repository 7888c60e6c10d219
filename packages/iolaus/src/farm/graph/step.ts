import type { DerivationPath } from '@iolaus/nix';
import type { Build } from './build.ts';
import type { Counts } from './counts.ts';
import type { Demand } from '../queues/demand.ts';
import type { StepFacts } from '../facts.ts';
import type { BuildId, Instant } from '../identity.ts';
import type { Lease } from '../attempts/lease.ts';
import type { PackageHistory } from '../prediction/prediction.ts';
import type { Queue } from '../queues/queue.ts';
import type { SmallSet } from './small-set.ts';

/**
 * Where a step is between being known and being forgotten.
 *
 * - `waiting`: some of its inputs are not built yet.
 * - `runnable`: nothing is missing but a builder; it stands in its queue.
 * - `leased`: one builder has it, under one attempt.
 * - `backing-off`: an attempt was lost or went wrong through no fault of the step; it rests until a given time.
 * - `unfolding`: some of its inputs produced derivations; the shell reads which, and what these need.
 * - `resolved`: with its inputs' paths filled in it is another derivation; it ends as that one does.
 * - `finished`: it was built, failed, or is not needed any more; the farm has forgotten it.
 */
export type StepState =
  | { readonly type: 'waiting' }
  | { readonly type: 'runnable'; readonly since: Instant }
  | { readonly type: 'leased'; readonly lease: Lease }
  | { readonly type: 'backing-off'; readonly until: Instant }
  | { readonly type: 'unfolding' }
  | { readonly type: 'resolved'; readonly into: DerivationPath }
  | { readonly type: 'finished' };

/** A derivation that some unfinished build needs. One step serves all builds that need it. */
export type Step = {
  readonly type: 'step';
  readonly facts: StepFacts;
  /** Order of arrival: decides between steps that are equal in everything else. */
  readonly sequence: number;
  state: StepState;
  /** The steps that the same builders can build. */
  queue: Queue;
  /** Builds of the same package before this one. */
  readonly history: PackageHistory;
  /** How long it is expected to take on a machine of speed 1. */
  seconds: number;
  /** The longest chain of steps that need it, itself not included, in what the selection policy counts. */
  above: number;
  /** Bytes of heavy inputs, by the host that built them. */
  inputBytes: Map<string, number> | undefined;
  /** Attempts that went wrong through no fault of the step. */
  tries: number;
  /** Attempts that were lost with their builder; these are never held against the step. */
  losses: number;
  /** The lowest id of all builds that ever needed it: how long it has been asked for. */
  lowestBuild: BuildId;
  /** Unfinished builds whose own derivation this is. */
  readonly builds: SmallSet<Build>;
  /** Unfinished steps that it needs, and that need it. */
  readonly inputs: SmallSet<Step>;
  readonly dependents: SmallSet<Step>;
  /** On whose behalf it is built: how many of its builds and dependents say so. Never empty while it is known. */
  readonly demands: Counts<Demand>;
};
