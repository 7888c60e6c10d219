import { priorityOf } from '../emergencies/emergency-priority.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuildFacts } from '../facts.ts';
import type { BuildId, JobsetId } from '../identity.ts';
import { findJobset } from './jobset.ts';
import type { Jobset } from './jobset.ts';
import { rerank } from './rank.ts';
import { changeNeed, dropEvaluation, takeEvaluation } from '../selection/evaluation.ts';
import type { Evaluation } from '../selection/evaluation.ts';
import type { Step } from '../graph/step.ts';

/**
 * What a build asks of every step that it needs. Builds that ask the same share one demand, so a step that tens of
 * thousands of builds need knows only the few different things that they ask: enough to rank and to limit it without
 * ever looking at the builds.
 */
export type Demand = {
  readonly key: string;
  readonly jobset: Jobset;
  readonly evaluation: Evaluation;
  readonly globalPriority: number;
  readonly localPriority: number;
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
  /** How many builds ask it. */
  builds: number;
};

/** What the build asks; counted until `dropDemand`. */
export function takeDemand(farm: FarmState, facts: BuildFacts): Demand {
  const { localPriority, maxSilentSeconds, timeoutSeconds } = facts;
  const globalPriority = priorityOf(farm, facts);
  const limits = [maxSilentSeconds, timeoutSeconds];
  const key = JSON.stringify([
    facts.jobset,
    facts.evaluation,
    globalPriority,
    localPriority,
    ...limits,
  ]);
  let demand = farm.demands.get(key);
  if (demand === undefined) {
    const jobset = findJobset(farm, facts.jobset);
    const evaluation = takeEvaluation(farm, facts);
    const wishes = { globalPriority, localPriority, maxSilentSeconds, timeoutSeconds };
    farm.demands.set(key, (demand = { key, jobset, evaluation, ...wishes, builds: 0 }));
  }
  demand.builds += 1;
  return demand;
}

export function dropDemand(farm: FarmState, demand: Demand): void {
  demand.builds -= 1;
  if (demand.builds > 0) return;
  farm.demands.delete(demand.key);
  dropEvaluation(farm, demand.evaluation);
}

/** One more of the step's builds and dependents asks this; what is new to the step is asked of its inputs too. */
export function addDemand(farm: FarmState, step: Step, demand: Demand): void {
  const reached = [step];
  for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
    const count = next.demands.get(demand) ?? 0;
    if (count === 0) changeNeed(next, demand.evaluation, 'begins');
    next.demands.set(demand, count + 1);
    if (count > 0) continue;
    rerank(farm, next);
    for (const input of next.inputs) reached.push(input);
  }
}

/** Those of all unfinished builds that need the step, each once. */
export function jobsetsOf({ demands }: Step): JobsetId[] {
  return [...new Set(demands.keys().map(({ jobset }) => jobset.id))];
}

/** The step has been needed by this build, so all below it have: the oldest build counts. */
export function lowerLowestBuild(farm: FarmState, step: Step, build: BuildId): void {
  const reached = [step];
  for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
    if (next.lowestBuild <= build) continue;
    next.lowestBuild = build;
    rerank(farm, next);
    for (const input of next.inputs) reached.push(input);
  }
}
