import type { FarmState } from '../farm-state.ts';
import type { BuildFacts } from '../facts.ts';
import type { Instant } from '../identity.ts';
import { findJobset } from '../queues/jobset.ts';
import type { Jobset } from '../queues/jobset.ts';
import type { Step } from '../graph/step.ts';
import { speedOf } from './system-load.ts';
import type { SystemLoad } from './system-load.ts';

/** Builds that were asked for together, and that somebody waits for as a whole. The builds of a jobset that belong to none count as one. */
export type Evaluation = {
  readonly type: 'evaluation';
  readonly key: string;
  readonly jobset: Jobset;
  /** When the farm first heard of it. */
  readonly since: Instant;
  /** How many different things its builds ask. */
  demands: number;
  /** Predicted build time of the unfinished steps that it needs, in seconds, by system. */
  readonly seconds: Map<SystemLoad, number>;
};

/** One more kind of builds asks on its behalf, counted until `dropEvaluation`. */
export function takeEvaluation(farm: FarmState, facts: BuildFacts): Evaluation {
  const key = `${facts.jobset} ${facts.evaluation ?? ''}`;
  let evaluation = farm.evaluations.get(key);
  if (evaluation === undefined) {
    const jobset = findJobset(farm, facts.jobset);
    const life = { since: farm.now, demands: 0, seconds: new Map<SystemLoad, number>() };
    farm.evaluations.set(key, (evaluation = { type: 'evaluation', key, jobset, ...life }));
  }
  evaluation.demands += 1;
  return evaluation;
}

export function dropEvaluation(farm: FarmState, evaluation: Evaluation): void {
  evaluation.demands -= 1;
  if (evaluation.demands === 0) farm.evaluations.delete(evaluation.key);
}

/** Those that need the step, each once. */
export function evaluationsOf({ demands }: Step): Set<Evaluation> {
  const evaluations = new Set<Evaluation>();
  for (const { evaluation } of demands.keys()) evaluations.add(evaluation);
  return evaluations;
}

/** The evaluation is about to need the step, or has ceased to, unless another of its demands says so already. */
export function changeNeed(step: Step, evaluation: Evaluation, need: 'begins' | 'ends'): void {
  for (const demand of step.demands.keys()) if (demand.evaluation === evaluation) return;
  addSeconds(evaluation, step.queue.load, need === 'begins' ? step.seconds : -step.seconds);
}

/** The step is done with. */
export function endNeed(step: Step): void {
  const { seconds } = step;
  changeSeconds(step, 0);
  // How long it was is still asked when it leaves the graph.
  step.seconds = seconds;
}

/** What is known of a step's build time has changed. */
export function changeSeconds(step: Step, seconds: number): void {
  const change = seconds - step.seconds;
  step.seconds = seconds;
  step.queue.load.seconds += change;
  for (const evaluation of evaluationsOf(step)) addSeconds(evaluation, step.queue.load, change);
}

function addSeconds({ seconds }: Evaluation, load: SystemLoad, change: number): void {
  seconds.set(load, (seconds.get(load) ?? 0) + change);
}

/** How long what is left of it takes if all machines do nothing else: on its busiest system that has any. */
export function secondsLeftOf(farm: FarmState, { seconds }: Evaluation): number {
  let most = 0;
  for (const [load, sum] of seconds) {
    const speed = speedOf(farm, load);
    if (speed > 0 && sum > most * speed) most = sum / speed;
  }
  return most;
}
