import type { BuilderFacts } from '../../farm/facts.ts';
import { speedFor } from './machine.ts';
import { closureOf, stepAt } from './workload.ts';
import type { WorkEvaluation, Workload } from './workload.ts';

/** What nobody can be quicker than, in seconds. */
export type Bound = {
  /** The longest chain of steps on the fastest machine. */
  readonly criticalPath: number;
  /** All work of a system over all slots that serve it; of the system for which that is most. */
  readonly work: number;
};

/** Seconds that are left of a step: all, the rest of one that is being built, or nothing. */
export type Left = (place: number) => number;

/** The bound of the steps of a workload that are named, inputs first. */
export function boundOf(
  workload: Workload,
  builders: readonly BuilderFacts[],
  steps: readonly number[],
  left: Left,
): Bound {
  const fastest = Math.max(...builders.map(({ speedFactor }) => speedFactor), 0);
  const bySystem = new Map<string, number>();
  const chains = new Float64Array(workload.steps.length);
  let criticalPath = 0;
  for (const place of steps) {
    const { system, inputs } = stepAt(workload, place);
    const seconds = left(place);
    bySystem.set(system, (bySystem.get(system) ?? 0) + seconds);
    let below = 0;
    for (const input of inputs) below = Math.max(below, chains[input] ?? 0);
    chains[place] = below + seconds / fastest;
    criticalPath = Math.max(criticalPath, below + seconds / fastest);
  }
  const works = bySystem
    .entries()
    .map(([system, sum]) => (sum > 0 ? sum / speedFor(builders, system) : 0));
  return { criticalPath, work: Math.max(0, ...works) };
}

/** The bound of each system's own steps, as if those of others took no time. */
export function boundsBySystem(
  workload: Workload,
  builders: readonly BuilderFacts[],
): ReadonlyMap<string, Bound> {
  const all = [...workload.steps.keys()];
  const systems = new Set(workload.steps.map(({ system }) => system));
  return new Map(
    systems.values().map((system) => {
      const left = (place: number): number => {
        const step = stepAt(workload, place);
        return step.system === system ? step.seconds : 0;
      };
      return [system, boundOf(workload, builders, all, left)];
    }),
  );
}

export const secondsOf = (bound: Bound): number => Math.max(bound.criticalPath, bound.work);

/** No policy can be done with the whole workload earlier than this many seconds after its beginning. */
export function lowerBound(workload: Workload, builders: readonly BuilderFacts[]): number {
  const all = workload.steps.map((_, place) => place);
  const left = (place: number): number => stepAt(workload, place).seconds;
  const whole = boundOf(workload, builders, neededBy(workload, all), left);
  const chains = workload.evaluations.map((evaluation) => {
    // What is new in the evaluation can start no earlier than it came.
    const fresh = freshIn(workload, evaluation);
    return evaluation.at + boundOf(workload, builders, fresh, left).criticalPath;
  });
  return Math.max(whole.work, ...chains);
}

/** What none before asked for. */
function freshIn(workload: Workload, evaluation: WorkEvaluation): number[] {
  const earlier = workload.evaluations.slice(0, workload.evaluations.indexOf(evaluation));
  const known = new Set(earlier.flatMap((other) => closureOf(workload, other)));
  return closureOf(workload, evaluation).filter((place) => !known.has(place));
}

function neededBy(workload: Workload, all: readonly number[]): number[] {
  const needed = new Set(workload.evaluations.flatMap((other) => closureOf(workload, other)));
  return all.filter((place) => needed.has(place));
}
