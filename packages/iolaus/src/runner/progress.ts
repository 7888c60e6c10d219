import { storePathName } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import type { Phase } from '../farm/outcome.ts';

/** A step that a builder works on. Times in milliseconds since the epoch. */
export type RunningStep = {
  readonly attempt: number;
  readonly derivation: DerivationPath;
  readonly build: number;
  readonly hostname: string;
  readonly phase: Phase;
  readonly startedAt: number;
};

/** What the runner is doing, for whoever watches it. */
export type RunnerProgress = {
  readonly running: readonly RunningStep[];
  /** Steps that wait for others, for a builder, or for their time to try again. */
  readonly waitingSteps: number;
  readonly unfinishedBuilds: number;
  readonly builders: number;
  /** Since the runner started. */
  readonly succeededSteps: number;
  readonly failedSteps: number;
};

/** The name of a step as people know it: that of its derivation, without hash and ending. */
export function stepName(derivation: DerivationPath): string {
  return storePathName(derivation).replace(/\.drv$/, '');
}
