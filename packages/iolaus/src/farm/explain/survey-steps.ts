import type { DerivationPath } from '@iolaus/nix';
import { askedPriority } from '../emergencies/emergency-priority.ts';
import type { FarmState } from '../farm-state.ts';
import type { Step } from '../graph/step.ts';
import type { BuildId, Instant } from '../identity.ts';
import { shareUsed } from '../queues/jobset.ts';

/** An unfinished step with what decides about its turn. */
export type SurveyedStep = {
  readonly derivation: DerivationPath;
  readonly system: string;
  readonly state: Exclude<Step['state']['type'], 'finished'>;
  /** Since when it has been runnable, or under way; null: it is neither. */
  readonly since: Instant | null;
  readonly failedBefore: boolean;
  readonly tries: number;
  readonly globalPriority: number;
  readonly localPriority: number;
  readonly lowestBuild: BuildId;
  /** Inputs that are not built yet. */
  readonly inputs: number;
  /** Milliseconds of build time a share, of the least served of its jobsets. */
  readonly shareUsed: number;
};

/** In no order. */
export function* surveySteps(farm: FarmState): Generator<SurveyedStep> {
  for (const step of farm.steps.values()) {
    const surveyed = surveyStep(farm, step);
    if (surveyed !== null) yield surveyed;
  }
}

/** Null for one that is finished. */
export function surveyStep(farm: FarmState, step: Step): SurveyedStep | null {
  const { state, facts, tries, lowestBuild, inputs } = step;
  if (state.type === 'finished') return null;
  let globalPriority = -Infinity;
  let localPriority = -Infinity;
  let used = Infinity;
  for (const demand of step.demands.keys()) {
    globalPriority = Math.max(globalPriority, askedPriority(demand.globalPriority));
    localPriority = Math.max(localPriority, demand.localPriority);
    used = Math.min(used, shareUsed(demand.jobset, farm.now));
  }
  return {
    derivation: facts.derivation,
    system: facts.system,
    state: state.type,
    since: sinceWhen(state),
    failedBefore: facts.failedBefore,
    tries,
    globalPriority,
    localPriority,
    lowestBuild,
    inputs: inputs.size,
    shareUsed: used,
  };
}

function sinceWhen(state: Step['state']): Instant | null {
  if (state.type === 'runnable') return state.since;
  return state.type === 'leased' ? state.lease.startedAt : null;
}
