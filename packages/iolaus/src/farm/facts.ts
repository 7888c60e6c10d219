import type { DerivationPath, StorePath } from '@iolaus/nix';
import type { RetryPlan } from './attempts/retry-plan.ts';
import type { Wishes } from './graph/wishes.ts';
import type { BuildId, EvaluationId, JobsetId } from './identity.ts';

/** A build that somebody queued: an unfinished row of `Builds`. */
export type BuildFacts = {
  readonly id: BuildId;
  readonly derivation: DerivationPath;
  readonly jobset: JobsetId;
  /** The evaluation that first asked for it; null or nothing: it belongs to none, or nobody knows. */
  readonly evaluation?: EvaluationId | null;
  readonly globalPriority: number;
  readonly localPriority: number;
  /** Seconds without output, and in all, after which the build's own step is stopped; null: the default. */
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
};

/** A derivation whose outputs are not there yet. */
export type StepFacts = {
  readonly derivation: DerivationPath;
  readonly system: string;
  readonly requiredFeatures: readonly string[];
  /** Null where the path is not known before the build. */
  readonly outputs: ReadonlyMap<string, StorePath | null>;
  /** Derivations that must be built first; those that are there already are left out. */
  readonly inputs: readonly DerivationPath[];
  /** An output is in `FailedPaths`: the step fails without being tried. */
  readonly failedBefore: boolean;
  /** It may ask the network, so that its failure tells nothing of the next try. */
  readonly isFixedOutput?: boolean;
  /** What it is to build follows from what its inputs produce: outputs whose paths are not known, or derivations. */
  readonly unfolds?: boolean;
  /** It was resolved into this before the farm began, its one input. */
  readonly resolvedInto?: DerivationPath;
  /** What its author asks of the farm; absent: nothing. */
  readonly wishes?: Wishes;
  /** It was tried in vain before the farm began. */
  readonly retryPlan?: RetryPlan;
};

/** What a builder said of itself when it joined. */
export type BuilderFacts = {
  readonly hostname: string;
  readonly systems: readonly string[];
  readonly supportedFeatures: readonly string[];
  readonly mandatoryFeatures: readonly string[];
  /** Steps that it builds at once. */
  readonly slots: number;
  /** Steps that it takes besides, to have the next one at hand when a slot falls free; 0 for builders that are not ours. */
  readonly ahead: number;
  readonly speedFactor: number;
  readonly cpuCount: number;
  readonly bogomips: number;
  /** Percent free below which it gets no work. */
  readonly buildDirectoryThreshold: number;
  readonly storeThreshold: number;
  readonly memoryBytes?: number;
  /** Its store is the runner's: nothing is moved to it, and nothing from it. */
  readonly sharesStore?: boolean;
  /** Percent of the time stalled, and load of a minute, from which it has enough to do; Hydra's defaults where absent. */
  readonly cpuPressureThreshold?: number;
  readonly memoryPressureThreshold?: number;
  readonly ioPressureThreshold?: number | null;
  readonly load1Threshold?: number;
};

/** What a builder's ping tells. Until the first one a builder gets no work. */
export type BuilderHealth = {
  readonly buildDirectoryFreePercent: number;
  readonly storeFreePercent: number;
  readonly load1?: number;
  /** Percent of the last ten seconds in which something waited for the processor. Absent: its kernel does not tell. */
  readonly cpuPressure?: number;
  /** Percent of the last ten seconds in which everything waited for memory, or for disks. */
  readonly memoryPressure?: number;
  readonly ioPressure?: number;
};

/** One output of a successful attempt. Sizes in bytes. */
export type BuiltOutput = {
  readonly path: StorePath;
  readonly narSize: number;
  readonly closureSize: number;
};

/** A file or folder that a build wants shown (`nix-support/hydra-build-products`). */
export type BuildProduct = {
  readonly type: string;
  readonly subtype: string;
  readonly storePath: StorePath;
  /** Inside the store path, without a leading slash; empty for the path itself. */
  readonly subPath: string;
  readonly defaultPath: string;
  /** Empty where it would be the output's own name, or has odd characters. */
  readonly name: string;
  readonly isRegularFile: boolean;
  /** Bytes; null for what is not a regular file. */
  readonly fileSize: number | null;
  /** Lower-case base 16; null for what is not a regular file, or cannot be read. */
  readonly sha256: string | null;
};

/** A number that a build reports of itself (`nix-support/hydra-metrics`). */
export type BuildMetric = {
  readonly name: string;
  readonly value: number;
  readonly unit: string | null;
};

/** What came out of a step; the farm passes it on and looks at nothing but `outputs` and `failedMarker`. */
export type BuildResult = {
  readonly outputs: ReadonlyMap<string, BuiltOutput>;
  /** `nix-support/failed` exists in an output: "failed with output". */
  readonly failedMarker: boolean;
  readonly releaseName: string | null;
  readonly products: readonly BuildProduct[];
  readonly metrics: readonly BuildMetric[];
};

/** Milliseconds spent in an attempt. */
export type AttemptTimes = {
  readonly importMilliseconds: number;
  readonly buildMilliseconds: number;
  readonly uploadMilliseconds: number;
};

/** What a build used of its machine, all its processes together. */
export type AttemptUse = {
  /** Of all processors. */
  readonly cpuMilliseconds: number | null;
  readonly peakMemoryBytes: number | null;
};
