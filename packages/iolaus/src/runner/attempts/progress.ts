import { storePathName } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import type { Phase } from '../../farm/outcome.ts';
import type { FarmView } from '../../farm/view.ts';
import type { Attempts } from './attempts.ts';
import type { StepTally } from '../records/deeds.ts';

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

/** Looks at the farm; costs in proportion to what runs. */
export function viewProgress(options: {
  readonly attempts: Attempts;
  readonly view: FarmView;
  readonly tally: Readonly<StepTally>;
  readonly unfinishedBuilds: number;
  readonly builders: number;
}): RunnerProgress {
  const { attempts, view, tally, unfinishedBuilds, builders } = options;
  const { steps, leased } = view.counts();
  return {
    running: [...attempts.values()].map((live) => ({
      attempt: live.attempt,
      derivation: live.derivation,
      build: live.build,
      hostname: live.hostname,
      phase: live.phase,
      startedAt: live.startedAt,
    })),
    waitingSteps: steps - leased,
    unfinishedBuilds,
    builders,
    ...tally,
  };
}
