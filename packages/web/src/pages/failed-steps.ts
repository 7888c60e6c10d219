import type { BuildDetail, Step } from '../api/shapes.ts';
import { hasEnded, hasFailed } from '../status/words.ts';

/** The step that a row stands for: itself, or the one of another build that really failed. */
export type FailedStep = {
  readonly derivation: string;
  readonly error: string | null;
  readonly build: number;
  /** Null where nobody knows the step, or it left no log. */
  readonly logOf: number | null;
};

/** Why a build failed: its newest failure of each derivation, in the order in which they failed. */
export function failedSteps(build: BuildDetail): readonly FailedStep[] {
  if (!hasEnded(build.status) || build.status === 'succeeded') return [];
  const newest = new Map<string, Step>();
  for (const step of [...build.steps, ...(build.standIn === null ? [] : [build.standIn])]) {
    if (!newest.has(step.derivation)) newest.set(step.derivation, step);
  }
  return [...newest.values()]
    .filter((step) => hasFailed(step.status))
    .reverse()
    .map(failureOf);
}

function failureOf(step: Step): FailedStep {
  const { derivation, error, origin } = step;
  if (origin !== null) return { derivation, error, build: origin.build, logOf: origin.step };
  return { derivation, error, build: step.build, logOf: step.hasLog ? step.number : null };
}
