import { pathOf } from './workload.ts';
import type { WorkEvaluation, Workload } from './workload.ts';

/** Two farms' work in one: what the second one's jobsets build has nothing in common with the first one's. */
export function mergeWorkloads(first: Workload, second: Workload): Workload {
  const offset = first.steps.length;
  const moved = second.steps.map((step, place) => ({
    ...step,
    derivation: pathOf(offset + place, nameOf(step.derivation)),
    inputs: step.inputs.map((input) => offset + input),
  }));
  const jobsets = Math.max(0, ...first.evaluations.map(({ jobset }) => jobset));
  const later = second.evaluations.map(({ at, jobset, builds }): WorkEvaluation => ({
    at,
    jobset: jobsets + jobset,
    builds: builds.map((place) => offset + place),
  }));
  return {
    steps: [...first.steps, ...moved],
    evaluations: [...first.evaluations, ...later].toSorted((one, other) => one.at - other.at),
  };
}

const nameOf = (derivation: string): string => derivation.replace(/^[^-]*-|\.drv$/g, '');
