/** How one attempt at a step, or a step without an attempt, ended. Numbers in the database: `database/status.ts`. */
export type StepOutcome =
  | 'succeeded'
  | 'failed'
  | 'aborted'
  | 'cancelled'
  | 'timed-out'
  | 'cached-failure'
  | 'unsupported'
  | 'log-limit-exceeded'
  | 'output-limit-exceeded'
  | 'not-deterministic';

/** How a build ended. */
export type BuildOutcome =
  | 'succeeded'
  | 'failed'
  | 'dependency-failed'
  | 'aborted'
  | 'cancelled'
  | 'failed-with-output'
  | 'timed-out'
  | 'unsupported'
  | 'log-limit-exceeded'
  | 'output-limit-exceeded'
  | 'not-deterministic';

/** What went wrong in an attempt, as the builder or the runner's own shell tells it. */
export type AttemptFailure =
  /** The builder's verdict on the derivation: final. */
  | 'build-failed'
  /** The daemon's word for what may go well another time, such as a download. Tried again; the last one is final. */
  | 'transiently-failed'
  | 'timed-out'
  | 'log-limit-exceeded'
  | 'output-limit-exceeded'
  | 'not-deterministic'
  /** Faults of the farm: tried again. */
  | 'preparing-failed'
  | 'import-failed'
  | 'upload-failed'
  | 'post-processing-failed';

/** Where an attempt is; `BuildSteps.busy` has numbers for them. */
export type Phase =
  | 'preparing'
  | 'connecting'
  | 'sending-inputs'
  | 'building'
  | 'waiting-for-local-slot'
  | 'receiving-outputs'
  | 'post-processing';

const begunPhases: ReadonlySet<Phase> = new Set([
  'building',
  'receiving-outputs',
  'post-processing',
]);

/** Its builder is at work on it, and does not only prepare for it. */
export const isBegun = (phase: Phase): boolean => begunPhases.has(phase);
