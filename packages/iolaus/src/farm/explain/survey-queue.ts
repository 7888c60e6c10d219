import type { DerivationPath } from '@iolaus/nix';
import { askedPriority } from '../emergencies/emergency-priority.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuildId, Instant, JobsetId } from '../identity.ts';
import { shareUsed } from '../queues/jobset.ts';
import type { Queue } from '../queues/queue.ts';
import type { Step } from '../graph/step.ts';
import { whyWaiting } from './why-waiting.ts';
import type { WhyWaiting } from './why-waiting.ts';

/** An unfinished step as people look for it: where it is and why, on whose behalf, and what decides about its turn. */
export type QueuedStep = {
  readonly derivation: DerivationPath;
  readonly system: string;
  readonly state: Exclude<Step['state']['type'], 'finished'>;
  readonly reason: WhyWaiting['type'];
  /** Since when it has been runnable, or under way; null: it is neither. */
  readonly since: Instant | null;
  readonly globalPriority: number;
  readonly localPriority: number;
  /** Milliseconds of build time a share, of the least served of its jobsets. */
  readonly shareUsed: number;
  readonly lowestBuild: BuildId;
  readonly jobsets: readonly JobsetId[];
  /** Inputs that are not built yet. */
  readonly inputs: number;
  readonly tries: number;
  /** How long it is expected to take on a machine of speed 1. */
  readonly seconds: number;
};

/** All steps, in no order. What a step waits for is found once for all that stand in the same queue. */
export function* surveyQueue(farm: FarmState): Generator<QueuedStep> {
  const reasons = new Map<Queue, WhyWaiting['type']>();
  const reasonOf = (step: Step): WhyWaiting['type'] => {
    if (step.state.type === 'waiting') return 'inputs';
    if (step.state.type !== 'runnable') return whyWaiting(farm, step).type;
    const known = reasons.get(step.queue) ?? whyWaiting(farm, step).type;
    reasons.set(step.queue, known);
    return known;
  };
  for (const step of farm.steps.values()) {
    const { type: state } = step.state;
    if (state !== 'finished') yield { ...describe(farm, step), state, reason: reasonOf(step) };
  }
}

function describe(farm: FarmState, step: Step): Omit<QueuedStep, 'state' | 'reason'> {
  const { facts, tries, lowestBuild, inputs, seconds } = step;
  let globalPriority = 0;
  let localPriority = 0;
  let used = Infinity;
  for (const demand of step.demands.keys()) {
    globalPriority = Math.max(globalPriority, askedPriority(demand.globalPriority));
    localPriority = Math.max(localPriority, demand.localPriority);
    used = Math.min(used, shareUsed(demand.jobset, farm.now));
  }
  return {
    derivation: facts.derivation,
    system: facts.system,
    since: sinceWhen(step.state),
    globalPriority,
    localPriority,
    shareUsed: used,
    lowestBuild,
    jobsets: jobsetsOf(step),
    inputs: inputs.size,
    tries,
    seconds,
  };
}

/** The jobsets on whose behalf a step is built. */
export const jobsetsOf = (step: Step): JobsetId[] => [
  ...new Set(step.demands.keys().map(({ jobset }) => jobset.id)),
];

/** Since when a step has been where it is; null while it waits. */
export function sinceWhen(state: Step['state']): Instant | null {
  if (state.type === 'runnable') return state.since;
  return state.type === 'leased' ? state.lease.startedAt : null;
}
