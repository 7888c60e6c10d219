import type { Hash, StorePath } from '@iolaus/nix';
import type { Phase } from '../farm/outcome.ts';
import type { NixSupport } from '../nix-support/nix-support.ts';
import type { AttemptUuid, MachineUuid } from './identity.ts';

/** Where an attempt is. Builders tell of sending inputs, building, receiving outputs and post-processing. */
export type StepUpdate = {
  readonly attempt: AttemptUuid;
  readonly machine: MachineUuid;
  readonly phase: Phase;
};

/** The four last ones are faults of the farm, which tries again; the others are the builder's verdict. */
export type ReportedFailure =
  | 'build-failed'
  /** So that another try may go well. */
  | 'transiently-failed'
  | 'not-deterministic'
  | 'timed-out'
  | 'log-limit-exceeded'
  | 'output-limit-exceeded'
  | 'preparing-failed'
  | 'import-failed'
  | 'upload-failed'
  | 'post-processing-failed';

/** How an attempt ended, in the builder's words. */
export type AttemptReport = {
  readonly attempt: AttemptUuid;
  readonly machine: MachineUuid;
  readonly result:
    | { readonly type: 'succeeded'; readonly outputs: ReadonlyMap<string, ReportedOutput> }
    | {
        readonly type: 'failed';
        readonly failure: ReportedFailure;
        readonly message: string | null;
      };
  readonly importMilliseconds: number;
  readonly buildMilliseconds: number;
  readonly uploadMilliseconds: number;
  /** The builder's Nix had the outputs already, or fetched them. */
  readonly cached: boolean;
  /** Of the build itself, in milliseconds since the epoch by the builder's clock; null: not told. */
  readonly startedAt: number | null;
  readonly stoppedAt: number | null;
} & AttemptUse;

/** What the build's processes used, of all processors together; null: nobody could tell. */
export type AttemptUse = {
  readonly cpuUserMicroseconds: number | null;
  readonly cpuSystemMicroseconds: number | null;
  readonly peakMemoryBytes: number | null;
};

export const unknownUse = {
  cpuUserMicroseconds: null,
  cpuSystemMicroseconds: null,
  peakMemoryBytes: null,
} as const satisfies AttemptUse;

/** Of an attempt of which nothing was measured. */
export const unmeasured = {
  importMilliseconds: 0,
  buildMilliseconds: 0,
  uploadMilliseconds: 0,
  cached: false,
  startedAt: null,
  stoppedAt: null,
  ...unknownUse,
} as const satisfies Omit<AttemptReport, 'attempt' | 'machine' | 'result'>;

export type ReportedOutput = {
  readonly path: StorePath;
  /** Null: left to the runner, which has the same store. */
  readonly figures: OutputFigures | null;
  readonly nixSupport: NixSupport | null;
};

/** Sizes in bytes; `closureSize` of this output alone. */
export type OutputFigures = {
  readonly closureSize: number;
  readonly narSize: number;
  readonly narHash: Hash | null;
};
