import type { AttemptUuid, BuilderUuid, MachineUuid } from './identity.ts';

/** What a builder says of itself when it opens a tunnel. */
export type Join = {
  /** Fresh for each tunnel: Hydra's runner confuses two tunnels of one name. */
  readonly machine: MachineUuid;
  readonly hostname: string;
  readonly systems: readonly string[];
  readonly supportedFeatures: readonly string[];
  readonly mandatoryFeatures: readonly string[];
  readonly cpuCount: number;
  readonly bogomips: number;
  readonly speedFactor: number;
  readonly maxJobs: number;
  readonly totalMemoryBytes: number;
  /** Percent free below which it wants no work. */
  readonly buildDirectoryThreshold: number;
  readonly storeThreshold: number;
  readonly load1Threshold: number;
  /** Percent of time stalled, over ten seconds; null: not looked at. */
  readonly cpuPressureThreshold: number;
  readonly memoryPressureThreshold: number;
  readonly ioPressureThreshold: number | null;
  readonly cgroups: boolean;
  /** As Nix prints them: they are compared as text. */
  readonly substituters: readonly string[];
  readonly useSubstitutes: boolean;
  /** What `nix --version` prints. */
  readonly nixVersion: string;
  /** Names the physical store; null from builders that are not ours. */
  readonly storeIdentity: string | null;
  /** 0 from builders that are not ours. */
  readonly dialect: number;
  /** Null from builders that cannot come back to their attempts. */
  readonly builder: BuilderUuid | null;
  /** Attempts that it runs, or has finished without an answer. */
  readonly held: readonly HeldAttempt[];
};

/** An attempt as its builder remembers it: by the name and the number of its order. */
export type HeldAttempt = { readonly attempt: AttemptUuid; readonly fence: number };

/** An attempt that a builder may go on with. */
export type TakenBack = {
  readonly attempt: AttemptUuid;
  /** How much of the log the runner has. */
  readonly logBytes: number;
};

/** The runner's answer to a join. */
export type JoinAnswer = {
  /** At least 1: Hydra's builder breaks on 0. */
  readonly maxConcurrentDownloads: number;
  /** The builder's store is the runner's own: nothing needs to be fetched or sent. */
  readonly sharesStore: boolean;
  /** Of what the join said is held; what is not among them is over. */
  readonly takenBack: readonly TakenBack[];
  /** How long attempts wait for the builder when its tunnel is gone; 0: not at all. */
  readonly leaseSeconds: number;
};

/** What a builder measures every few seconds. */
export type Ping = {
  readonly machine: MachineUuid;
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  readonly memoryUsedBytes: number;
  /** Null where the system does not tell. */
  readonly pressure: PressureState | null;
  readonly buildDirectoryFreePercent: number;
  readonly storeFreePercent: number;
  readonly pathsSubstituting: number;
  readonly pathsUploading: number;
  readonly pathsDownloading: number;
};

/** Linux's pressure stall information; null for a file that is not there. */
export type PressureState = {
  readonly cpuSome: Pressure | null;
  readonly memorySome: Pressure | null;
  readonly memoryFull: Pressure | null;
  readonly ioSome: Pressure | null;
  readonly ioFull: Pressure | null;
  readonly irqFull: Pressure | null;
};

/** Percent of time stalled over 10, 60 and 300 seconds, and microseconds in all. */
export type Pressure = {
  readonly average10: number;
  readonly average60: number;
  readonly average300: number;
  readonly totalMicroseconds: number;
};
