import type { BuildOutcome } from '../../farm/outcome.ts';
import type { RunnerProgress } from '../../runner/attempts/progress.ts';

/** A build that the person in front of the terminal asked for. Times in milliseconds since the epoch. */
export type WatchedBuild = {
  readonly id: number;
  /** Dotted attribute path. */
  readonly attribute: string;
  /** Null while it is not finished. */
  readonly outcome: BuildOutcome | null;
  readonly startedAt: number | null;
  readonly stoppedAt: number | null;
};

/** What the terminal shows. */
export type FarmPicture = {
  readonly builds: readonly WatchedBuild[];
  /** The last that the runner told; undefined until it has told something. */
  progress(): RunnerProgress | undefined;
  readonly startedAt: number;
};
