import type { Builder } from '../builders/builder.ts';
import type { AttemptNumber, BuildId, Instant } from '../identity.ts';
import type { Jobset } from '../queues/jobset.ts';
import type { Step } from '../graph/step.ts';

/** The right of one builder to build one step, under one attempt number. */
export type Lease = {
  readonly attempt: AttemptNumber;
  readonly step: Step;
  /** Another object when the builder has come back. */
  builder: Builder;
  /** The build that is charged with the attempt's row. */
  readonly build: BuildId;
  /** The jobsets that share its cost, as they were when it started. */
  readonly jobsets: readonly Jobset[];
  readonly startedAt: Instant;
  /** Its builder said that it builds, and not only waits. */
  hasBegun: boolean;
};
