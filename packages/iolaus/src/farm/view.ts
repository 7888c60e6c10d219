import type { DerivationPath } from '@iolaus/nix';
import { explain } from './explain/explain.ts';
import type { Explanation } from './explain/explain.ts';
import type { FarmState } from './farm-state.ts';
import { stepsAbove } from './graph/graph.ts';
import type { AttemptNumber, BuildId, BuilderId, Instant, JobsetId } from './identity.ts';
import { jobsetsOf } from './queues/demand.ts';
import { runnableInOrder } from './queues/runnable.ts';
import type { RunnableStep } from './queues/runnable.ts';
import type { RefusalReason } from './refusals/refusal.ts';
import type { Step } from './graph/step.ts';
import type { StepChange } from './graph/step-state.ts';
import { whyWaiting } from './explain/why-waiting.ts';
import type { WhyWaiting } from './explain/why-waiting.ts';

export type Counts = {
  readonly builds: number;
  readonly steps: number;
  readonly waiting: number;
  readonly runnable: number;
  readonly leased: number;
  readonly backingOff: number;
};

export type StepView = {
  readonly derivation: DerivationPath;
  readonly state: StateView;
  readonly tries: number;
  readonly losses: number;
  /** Inputs that are not built yet. */
  readonly inputs: readonly DerivationPath[];
  /** Unfinished builds that need it, lowest id first. */
  readonly builds: readonly BuildId[];
};

export type StateView =
  | { readonly type: 'waiting' }
  | { readonly type: 'unfolding' }
  | { readonly type: 'resolved'; readonly into: DerivationPath }
  | { readonly type: 'runnable'; readonly since: Instant }
  | { readonly type: 'leased'; readonly attempt: AttemptNumber }
  | { readonly type: 'backing-off'; readonly until: Instant };

export type AttemptView = {
  readonly attempt: AttemptNumber;
  readonly derivation: DerivationPath;
  readonly builder: BuilderId;
  readonly build: BuildId;
  readonly startedAt: Instant;
};

export type BuildView = { readonly id: BuildId; readonly derivation: DerivationPath };

/** Looking at the farm costs in proportion to what is seen. Iterables are to be used up before the next event. */
export interface FarmView {
  counts(): Counts;
  /** How often each change of a step has happened since the farm was made. */
  changes(): ReadonlyMap<StepChange, number>;
  /** How often an event was refused since the farm was made, and why. */
  refusals(): ReadonlyMap<RefusalReason, number>;
  unfinishedBuilds(): Iterable<BuildView>;
  hasBuild(id: BuildId): boolean;
  hasStep(derivation: DerivationPath): boolean;
  /** Undefined if no unfinished build needs it. */
  step(derivation: DerivationPath): StepView | undefined;
  attempts(): Iterable<AttemptView>;
  /** Who has the attempt, be it inherited or the farm's own; undefined if it is over. */
  holder(attempt: AttemptNumber): BuilderId | undefined;
  /** Of the unfinished builds that need it, each once. */
  jobsetsOf(derivation: DerivationPath): readonly JobsetId[];
  /** An attempt from before the farm began may still be at work on it. */
  isInherited(derivation: DerivationPath): boolean;
  /** Runnable steps, the one to be given out next first. */
  runnable(limit: number): Iterable<RunnableStep>;
  /** Undefined if no unfinished build needs it. */
  whyWaiting(derivation: DerivationPath): WhyWaiting | undefined;
  /** The same with machines, place and time; undefined as above. Costs as much as there is below the step, or before it. */
  explain(derivation: DerivationPath): Explanation | undefined;
  /** Of a build's own step; undefined if the build has ended. */
  explainBuild(id: BuildId): Explanation | undefined;
}

export function createView(farm: FarmState): FarmView {
  const lookAt = <Seen>(
    derivation: DerivationPath,
    look: (step: Step) => Seen,
  ): Seen | undefined => {
    const step = farm.steps.get(derivation);
    return step === undefined ? undefined : look(step);
  };
  return {
    counts: () => countAll(farm),
    changes: () => farm.changes,
    refusals: () => farm.refusals,
    unfinishedBuilds: () =>
      farm.builds.values().map(({ facts }) => ({ id: facts.id, derivation: facts.derivation })),
    hasBuild: (id) => farm.builds.has(id),
    hasStep: (derivation) => farm.steps.has(derivation),
    step: (derivation) => lookAt(derivation, viewStep),
    attempts: () => viewAttempts(farm),
    holder: (attempt) => holderOf(farm, attempt),
    jobsetsOf: (derivation) => lookAt(derivation, jobsetsOf) ?? [],
    isInherited: (derivation) => farm.inherited.has(derivation),
    runnable: (limit) => runnableInOrder(farm, limit),
    whyWaiting: (derivation) => lookAt(derivation, (step) => whyWaiting(farm, step)),
    explain: (derivation) => lookAt(derivation, (step) => explain(farm, step)),
    explainBuild: (id) => {
      const build = farm.builds.get(id);
      return build === undefined ? undefined : explain(farm, build.step);
    },
  };
}

function countAll({ builds, steps, counts }: FarmState): Counts {
  const { waiting, runnable, leased, 'backing-off': backingOff } = counts;
  return { builds: builds.size, steps: steps.size, waiting, runnable, leased, backingOff };
}

function viewStep(step: Step): StepView {
  const builds = stepsAbove(step)
    .values()
    .flatMap((next) => next.builds)
    .map(({ facts }) => facts.id);
  return {
    derivation: step.facts.derivation,
    state: viewState(step),
    tries: step.tries,
    losses: step.losses,
    inputs: [...step.inputs].map(({ facts }) => facts.derivation),
    builds: [...builds].sort((one, other) => one - other),
  };
}

function viewState({ state, facts }: Step): StateView {
  if (state.type === 'finished') throw new Error(`${facts.derivation} is finished, yet known`);
  return state.type === 'leased' ? { type: 'leased', attempt: state.lease.attempt } : state;
}

function viewAttempts(farm: FarmState): Iterable<AttemptView> {
  return farm.leases.values().map(({ attempt, step, builder, build, startedAt }) => ({
    attempt,
    derivation: step.facts.derivation,
    builder: builder.id,
    build,
    startedAt,
  }));
}

function holderOf(farm: FarmState, attempt: AttemptNumber): BuilderId | undefined {
  const inherited = farm.inherited.values().find((one) => one.attempt === attempt);
  return farm.leases.get(attempt)?.builder.id ?? inherited?.builder;
}
