/**
 * What the server's JSON looks like: the server is checked against these types as well as the page. Times are seconds
 * since the epoch, sizes bytes, store paths full paths. Fields are added, never changed.
 */

export type BuildStatus =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'dependency-failed'
  | 'failed-with-output'
  | 'aborted'
  | 'cancelled'
  | 'timed-out'
  | 'unsupported'
  | 'log-limit-exceeded'
  | 'output-limit-exceeded'
  | 'not-deterministic';

export type StepStatus =
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'aborted'
  | 'cancelled'
  | 'timed-out'
  | 'cached-failure'
  | 'unsupported'
  | 'log-limit-exceeded'
  | 'output-limit-exceeded'
  | 'not-deterministic'
  /** Built under the name of another derivation, which has a step of its own. */
  | 'resolved';

/** Where a running step is. */
export type StepPhase =
  | 'preparing'
  | 'connecting'
  | 'sending-inputs'
  | 'building'
  | 'waiting-for-local-slot'
  | 'receiving-outputs'
  | 'post-processing';

/** The groups that builds are listed and counted by; `failed` is whatever finished otherwise than `succeeded`. */
export type BuildGroup = 'queued' | 'running' | 'succeeded' | 'failed';

export type BuildSummary = {
  readonly id: number;
  readonly project: string;
  readonly jobset: string;
  readonly job: string;
  /** Name of the package, where the expression gives one. */
  readonly name: string | null;
  readonly system: string;
  readonly derivation: string;
  readonly status: BuildStatus;
  /** Nothing was built for it: the result was there. */
  readonly cached: boolean;
  readonly queuedAt: number;
  readonly startedAt: number | null;
  readonly stoppedAt: number | null;
};

/** `GET /api/builds` */
export type BuildList = {
  readonly builds: readonly BuildSummary[];
  /** Give it as `before` to go on; null at the end. */
  readonly next: number | null;
};

export type Output = { readonly name: string; readonly path: string | null };

export type Step = {
  readonly build: number;
  readonly number: number;
  readonly type: 'build' | 'substitution';
  readonly derivation: string;
  readonly system: string | null;
  readonly machine: string | null;
  readonly status: StepStatus;
  /** Only of running steps. */
  readonly phase: StepPhase | null;
  readonly error: string | null;
  /** Null where it was never tried. */
  readonly startedAt: number | null;
  readonly stoppedAt: number | null;
  /** Spent on moving inputs and outputs. */
  readonly overheadMilliseconds: number | null;
  readonly outputs: readonly Output[];
  /** The step of another build that this row repeats: the one that really failed. */
  readonly origin: StepReference | null;
  readonly resolution: Resolution | null;
  readonly hasLog: boolean;
};

/** What a derivation turned out to be. */
export type Resolution = {
  readonly derivation: string;
  /** Its newest attempt that succeeded or goes on. */
  readonly step: { readonly build: number; readonly step: number } | null;
  /** It was built before, so that nothing is built for this: early cut-off. */
  readonly wasBuilt: boolean;
};

export type StepReference = { readonly build: number; readonly step: number | null };

/** `GET /api/builds/ID/steps/NUMBER` */
export type StepDetail = Step & {
  readonly project: string;
  readonly jobset: string;
  readonly job: string;
};

/** `GET /api/steps/running` */
export type RunningSteps = { readonly steps: readonly StepDetail[] };

export type Product = {
  readonly number: number;
  readonly type: string;
  readonly subtype: string;
  readonly name: string;
  readonly path: string | null;
  readonly fileSize: number | null;
  readonly sha256: string | null;
  /** Where to get it, relative to the server's root; null if it is not in the store. */
  readonly href: string | null;
};

export type Metric = {
  readonly name: string;
  readonly value: number;
  readonly unit: string | null;
};

/** `GET /api/builds/ID` */
export type BuildDetail = BuildSummary & {
  readonly description: string | null;
  readonly evaluation: number | null;
  readonly priority: number;
  /** Bytes of its outputs, and of everything that they need. */
  readonly size: number | null;
  readonly closureSize: number | null;
  readonly releaseName: string | null;
  /** Newest first. */
  readonly steps: readonly Step[];
  /** There are more steps than one answer holds; the oldest are missing. */
  readonly stepsLeftOut: boolean;
  /** Another build's step that did, or does, the work for this one. */
  readonly standIn: Step | null;
  readonly outputs: readonly Output[];
  readonly products: readonly Product[];
  readonly metrics: readonly Metric[];
};

export type Machine = {
  readonly name: string;
  readonly systems: readonly string[];
  readonly slots: number;
  readonly running: number;
};

/** `GET /api/overview` */
export type Overview = {
  readonly builds: Readonly<Record<BuildGroup, number>>;
  /** Null where the runner cannot be asked. */
  readonly machines: readonly Machine[] | null;
};

/** Machines that come and go as there is work. */
export type MachinePool = {
  readonly pool: string;
  /** What was decided last, and why. */
  readonly sentence: string;
  readonly wanted: number;
  readonly existing: number;
  readonly booting: number;
  readonly ready: number;
  readonly draining: number;
  readonly costPerHour: number;
  readonly spent: number;
};

export type Provisioner = {
  readonly owner: string;
  readonly currency: string;
  readonly pools: readonly MachinePool[];
  readonly remarks: readonly string[];
  /** What was begun last, newest first. */
  readonly decisions: readonly MachineDecision[];
};

export type MachineDecision = {
  /** RFC 3339. */
  readonly at: string;
  readonly type: string;
  readonly machine: string;
  readonly because: string;
};

/** `GET /api/provisioners` */
export type ProvisionerList = { readonly provisioners: readonly Provisioner[] };

export type Evaluation = {
  readonly id: number;
  readonly project: string;
  readonly jobset: string;
  readonly evaluatedAt: number;
  readonly evaluationSeconds: number;
  readonly builds: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unfinished: number;
  readonly error: string | null;
};

/** `GET /api/evaluations` */
export type EvaluationList = {
  readonly evaluations: readonly Evaluation[];
  readonly next: number | null;
};

/** `change` events of `GET /api/events`: what to read again. */
export type Change = {
  readonly builds: readonly number[];
  /** Something changed that is not named, or too much to name: read everything again. */
  readonly all: boolean;
};

/** Every answer that is not 200 has this for a body. */
export type ErrorBody = { readonly error: { readonly code: string; readonly message: string } };
