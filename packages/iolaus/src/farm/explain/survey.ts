import type { DerivationPath } from '@iolaus/nix';
import { whyClosed } from '../builders/builder.ts';
import type { Builder, Closure } from '../builders/builder.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuildFacts, BuilderFacts } from '../facts.ts';
import type { BuilderId, Instant, JobsetId } from '../identity.ts';
import { shareUsed } from '../queues/jobset.ts';
import type { StandingOrders } from '../standing-orders.ts';
import { surveyQueue } from './survey-queue.ts';
import type { QueuedStep } from './survey-queue.ts';
import { surveySteps } from './survey-steps.ts';
import type { SurveyedStep } from './survey-steps.ts';
import { speedOf } from '../selection/system-load.ts';
import { surveyNeeds, surveyWork } from './survey-needs.ts';
import type { Need } from './survey-needs.ts';

export type SurveyedBuilder = {
  readonly id: BuilderId;
  readonly facts: BuilderFacts;
  /** Why it gets no work at all for now; null if it does. */
  readonly closed: Closure | null;
  readonly attempts: number;
  /** Faults of its own in a row. */
  readonly faults: number;
  readonly pausedUntil: Instant | null;
  /** Steps that went wrong there and well elsewhere, and whether it has to do one well before it gets more. */
  readonly blames: number;
  readonly onTrial: boolean;
};

export type SurveyedJobset = {
  readonly id: JobsetId;
  readonly shares: number;
  /** Build time in the last 24 hours, attempts under way included. */
  readonly usedMilliseconds: number;
};

/** The steps of one system that can start, or have. */
export type SystemLoad = { runnable: number; leased: number; backingOff: number };

/** The whole farm laid open, for lists and statistics. Each list costs as much as there is in it. */
export interface FarmSurvey {
  builds(): Iterable<BuildFacts>;
  steps(): Iterable<SurveyedStep>;
  /** The same with why each is where it is, and on whose behalf. */
  queue(): Iterable<QueuedStep>;
  builders(): Iterable<SurveyedBuilder>;
  jobsets(): Iterable<SurveyedJobset>;
  systems(): ReadonlyMap<string, Readonly<SystemLoad>>;
  /** What the slots of each system's builders do in a second, in seconds of speed 1. */
  speeds(): ReadonlyMap<string, number>;
  /** What is left to do, by the kind of builder that it takes. */
  needs(): readonly Need[];
  /** Seconds that each builder still has to do. */
  work(): ReadonlyMap<BuilderId, number>;
  /** Runnable steps that no builder that has joined can build. */
  unsupportedSteps(): number;
  /** What people want until they say otherwise, and what is held until this farm ends. */
  orders(): StandingOrders;
  /** How often the step has been tried in vain. */
  triesOf(derivation: DerivationPath): number;
}

export function createSurvey(farm: FarmState): FarmSurvey {
  return {
    builds: () => farm.builds.values().map(({ facts }) => facts),
    steps: () => surveySteps(farm),
    queue: () => surveyQueue(farm),
    builders: () => farm.builders.values().map(surveyBuilder),
    jobsets: () =>
      farm.jobsets.values().map((jobset) => ({
        id: jobset.id,
        shares: jobset.shares,
        usedMilliseconds: shareUsed(jobset, farm.now) * Math.max(jobset.shares, 1),
      })),
    systems: () => loadOfSystems(farm),
    speeds: () => new Map(farm.loads.values().map((load) => [load.system, speedOf(farm, load)])),
    needs: () => surveyNeeds(farm),
    work: () => surveyWork(farm),
    unsupportedSteps: () =>
      farm.queues
        .values()
        .filter(({ builders }) => builders.size === 0)
        .reduce((sum, { entries }) => sum + entries.size, 0),
    orders: () => ({ emergencies: [...farm.emergencies.values()], holds: new Map(farm.holds) }),
    triesOf: (derivation) => farm.steps.get(derivation)?.tries ?? 0,
  };
}

function surveyBuilder(builder: Builder): SurveyedBuilder {
  return {
    id: builder.id,
    facts: builder.facts,
    closed: whyClosed(builder),
    attempts: builder.leases.size,
    faults: builder.faults,
    pausedUntil: builder.pausedUntil ?? null,
    blames: builder.blames,
    onTrial: builder.onTrial,
  };
}

function loadOfSystems(farm: FarmState): Map<string, SystemLoad> {
  const loads = new Map<string, SystemLoad>();
  const loadOf = (system: string): SystemLoad => {
    let load = loads.get(system);
    if (load === undefined) loads.set(system, (load = { runnable: 0, leased: 0, backingOff: 0 }));
    return load;
  };
  for (const { requirement, entries } of farm.queues.values()) {
    loadOf(requirement.system).runnable += entries.size;
  }
  for (const { step } of farm.leases.values()) loadOf(step.facts.system).leased += 1;
  // They are few, and looked for among all only when there are any.
  const resting = farm.counts['backing-off'] === 0 ? [] : farm.steps.values();
  for (const { state, facts } of resting) {
    if (state.type === 'backing-off') loadOf(facts.system).backingOff += 1;
  }
  return loads;
}
