import type { DerivationPath } from '@iolaus/nix';
import type { Build } from './graph/build.ts';
import type { Builder } from './builders/builder.ts';
import { Deadlines } from './queues/deadlines.ts';
import type { Demand } from './queues/demand.ts';
import type { Emergency } from './emergencies/emergency-priority.ts';
import type { FarmEffect } from './effect.ts';
import type { FarmSettings } from './event.ts';
import type { HostHold } from './builders/host-hold.ts';
import { instant } from './identity.ts';
import type { AttemptNumber, BuildId, BuilderId, Instant, JobsetId } from './identity.ts';
import type { InheritedAttempt } from './attempts/inherited.ts';
import type { Jobset } from './queues/jobset.ts';
import type { Lease } from './attempts/lease.ts';
import { placementPolicy } from './placement/policy.ts';
import type { PlacementPolicy } from './placement/policy.ts';
import { createPredictions } from './prediction/prediction.ts';
import type { Predictions } from './prediction/prediction.ts';
import type { Queue } from './queues/queue.ts';
import type { Evaluation } from './selection/evaluation.ts';
import { selectionPolicy } from './selection/policies.ts';
import type { SelectionPolicy } from './selection/policy.ts';
import type { SystemLoad } from './selection/system-load.ts';
import type { RefusalReason } from './refusals/refusal.ts';
import type { Step, StepState } from './graph/step.ts';
import type { StepChange } from './graph/step-state.ts';

/** Everything that the farm knows. */
export type FarmState = {
  settings: FarmSettings;
  /** The time of the event that is being applied; it never goes back. */
  now: Instant;
  /** Attempts below it are another farm's. */
  firstAttempt: AttemptNumber;
  nextAttempt: AttemptNumber;
  nextSequence: number;
  readonly builds: Map<BuildId, Build>;
  readonly steps: Map<DerivationPath, Step>;
  /** How many steps are in each state. */
  readonly counts: Record<Exclude<StepState['type'], 'finished'>, number>;
  /** How often each change of a step has happened. */
  readonly changes: Map<StepChange, number>;
  /** How often an event was refused, and why. */
  readonly refusals: Map<RefusalReason, number>;
  readonly demands: Map<string, Demand>;
  /** Evaluations of unfinished builds. */
  readonly evaluations: Map<string, Evaluation>;
  readonly loads: Map<string, SystemLoad>;
  /** The order in which steps get their turns. */
  selection: SelectionPolicy;
  /** How builders are chosen. */
  placement: PlacementPolicy;
  /** What jobsets have used of their shares on average, and as of when. */
  readonly usage: { at: number; mean: number };
  readonly predictions: Predictions;
  readonly jobsets: Map<JobsetId, Jobset>;
  readonly builders: Map<BuilderId, Builder>;
  readonly leases: Map<AttemptNumber, Lease>;
  /** Attempts from before the farm began whose steps are not known yet. */
  readonly inherited: Map<DerivationPath, InheritedAttempt>;
  readonly queues: Map<string, Queue>;
  /** Queues in which a step and a builder could come together. */
  readonly ready: Set<Queue>;
  /** Steps some of whose inputs produce derivations that are not known yet. */
  readonly folded: Set<Step>;
  /** Steps that rest from before the farm began, and wait for inputs. */
  readonly rests: Map<Step, Instant>;
  /** What goes first, by what it is about. */
  readonly emergencies: Map<string, Emergency>;
  /** Hosts that a person wants left alone. */
  readonly holds: Map<string, HostHold>;
  /** The end of a step's back-off, of a queue's patience without builders, of a builder's pause or absence. */
  readonly deadlines: Deadlines<Step | Queue | Builder>;
  /** What the shell was last asked to wake us at. */
  wish: Instant | undefined;
  /** What has been decided about the event that is being applied. */
  effects: FarmEffect[];
};

export function createFarmState(settings: FarmSettings, firstAttempt: AttemptNumber): FarmState {
  return {
    settings,
    now: instant(-Infinity),
    firstAttempt,
    nextAttempt: firstAttempt,
    nextSequence: 0,
    builds: new Map(),
    steps: new Map(),
    counts: { waiting: 0, runnable: 0, leased: 0, 'backing-off': 0, unfolding: 0, resolved: 0 },
    changes: new Map(),
    refusals: new Map(),
    demands: new Map(),
    evaluations: new Map(),
    loads: new Map(),
    selection: selectionPolicy(settings.selection),
    placement: placementPolicy(settings.machineOrder, settings.capacity),
    usage: { at: -Infinity, mean: 0 },
    predictions: createPredictions(),
    jobsets: new Map(),
    builders: new Map(),
    leases: new Map(),
    inherited: new Map(),
    queues: new Map(),
    ready: new Set(),
    folded: new Set(),
    rests: new Map(),
    emergencies: new Map(),
    holds: new Map(),
    deadlines: new Deadlines(),
    wish: undefined,
    effects: [],
  };
}

/** Numbers things in the order in which they came. */
export function takeSequence(farm: FarmState): number {
  farm.nextSequence += 1;
  return farm.nextSequence;
}
