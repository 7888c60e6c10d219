import type { BuildDetail, Step, StepStatus } from '../api/v2.ts';
import { standInOf } from './stand-in.ts';
import { hasFailed } from '../status/words.ts';

/** The step that a row stands for: itself, or the one of another build that really failed. */
export type FailedStep = {
  readonly derivation: string;
  readonly status: StepStatus;
  readonly error: string | null;
  readonly build: number;
  /** Null where nobody knows the step, or it left no log. */
  readonly logOf: number | null;
};

const withoutReason: ReadonlySet<BuildDetail['status']> = new Set([
  'queued',
  'running',
  'succeeded',
  'cancelled',
]);

/** Why a build failed: its newest failure of each derivation, in the order in which they failed. */
export function failedSteps(build: BuildDetail): readonly FailedStep[] {
  if (withoutReason.has(build.status)) return [];
  const standIn = standInOf(build);
  const newest = new Map<string, Step>();
  for (const step of [...build.steps, ...(standIn === null ? [] : [standIn])]) {
    if (!newest.has(step.derivation)) newest.set(step.derivation, step);
  }
  return [...newest.values()]
    .filter((step) => hasFailed(step.status))
    .reverse()
    .map(failureOf);
}

function failureOf(step: Step): FailedStep {
  const { derivation, status, error, origin } = step;
  if (origin !== null)
    return { derivation, status, error, build: origin.build, logOf: origin.step };
  return { derivation, status, error, build: step.build, logOf: step.hasLog ? step.number : null };
}
