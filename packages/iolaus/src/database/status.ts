import type { BuildOutcome, Phase, StepOutcome } from '../farm/outcome.ts';

/** Hydra's numbers for how builds and steps end (`Builds.buildStatus`, `BuildSteps.status`). */
const buildStatuses: Readonly<Record<BuildOutcome, number>> = {
  succeeded: 0,
  failed: 1,
  'dependency-failed': 2,
  aborted: 3,
  cancelled: 4,
  'failed-with-output': 6,
  'timed-out': 7,
  unsupported: 9,
  'log-limit-exceeded': 10,
  'output-limit-exceeded': 11,
  'not-deterministic': 12,
};

const stepStatuses: Readonly<Record<StepOutcome, number>> = {
  succeeded: 0,
  failed: 1,
  aborted: 3,
  cancelled: 4,
  'timed-out': 7,
  'cached-failure': 8,
  unsupported: 9,
  'log-limit-exceeded': 10,
  'output-limit-exceeded': 11,
  'not-deterministic': 12,
};

/** `BuildSteps.busy` while a step is under way; 0 when it is not. */
const phases: Readonly<Record<Phase, number>> = {
  preparing: 1,
  connecting: 10,
  'sending-inputs': 20,
  building: 30,
  'waiting-for-local-slot': 35,
  'receiving-outputs': 40,
  'post-processing': 50,
};

/** A step that turned out to be another derivation. */
export const resolvedStatusNumber = 13;

export const buildStatusNumber = (outcome: BuildOutcome): number => buildStatuses[outcome];
export const stepStatusNumber = (outcome: StepOutcome): number => stepStatuses[outcome];
export const phaseNumber = (phase: Phase): number => phases[phase];

/** Unknown numbers read as `aborted`, as on Hydra's pages. */
export const buildOutcomeOf = (status: number): BuildOutcome =>
  nameOf(buildStatuses, status) ?? 'aborted';
/** Null for unknown numbers, and for 13 (resolved), which is no end of the work. */
export const stepOutcomeOf = (status: number): StepOutcome | null => nameOf(stepStatuses, status);
/** Null for 0 and for unknown numbers. */
export const phaseOf = (busy: number): Phase | null => nameOf(phases, busy);

function nameOf<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
  wanted: number,
): Name | null {
  for (const name in numbers) if (numbers[name] === wanted) return name;
  return null;
}
