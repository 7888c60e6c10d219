import { Table } from './table.ts';

export type BuildRow = {
  readonly id: number;
  readonly derivation: string;
  readonly jobset: number;
  readonly finished: boolean;
  readonly status: number | null;
  readonly cached: boolean | null;
  readonly evaluation: number;
  readonly globalPriority: number;
  readonly priority: number;
  readonly startTime: number | null;
  readonly stopTime: number | null;
};

export type StepRow = {
  readonly build: number;
  readonly number: number;
  readonly type: number;
  readonly derivation: string;
  readonly busy: number;
  readonly status: number | null;
  readonly startTime: number | null;
  readonly stopTime: number | null;
  readonly errorMessage: string | null;
  readonly machine: string;
  readonly propagatedFrom: number | null;
};

export type OutputRow = { readonly owner: string; readonly name: string; readonly path: string };
export type JobsetRow = { readonly id: number; readonly shares: number };
/** With ours beside it: until when it counts, in seconds since the epoch. */
export type FailedPathRow = { readonly path: string; readonly expires: number };

/** A row of our own schema: see `database/steps/grants.ts`. */
export type GrantRow = {
  readonly attempt: number;
  readonly uuid: string;
  readonly build: number;
  readonly stepNumber: number;
  readonly derivation: string;
  readonly builder: string;
  readonly hostname: string;
  readonly startedAt: number;
  readonly maxSilentSeconds: number;
  readonly timeoutSeconds: number;
};

/** See `database/steps/retry-plans.ts`. */
export type RetryRow = {
  readonly derivation: string;
  readonly tries: number;
  readonly losses: number;
  readonly restsUntil: number;
};

/** See `database/steps/package-needs.ts`. */
export type NeedsRow = {
  readonly package: string;
  readonly system: string;
  readonly coresWeight: number | null;
  readonly coresMean: number | null;
  readonly coresVariance: number | null;
  readonly memoryWeight: number | null;
  readonly memoryMean: number | null;
  readonly memoryVariance: number | null;
};

/** See `database/uploads.ts`. */
export type UploadRow = {
  readonly id: number;
  readonly store: string;
  readonly derivation: string;
  readonly outputs: readonly string[];
  readonly tries: number;
  readonly notBefore: number;
  readonly isGivenUp: boolean;
};

/** See `database/standing-orders.ts`. */
export type EmergencyRow = {
  readonly subject: string;
  readonly id: number;
  readonly preempts: boolean;
};
export type HoldRow = { readonly hostname: string; readonly hold: string };

/** See `database/steps/realisations.ts`. */
export type ResolutionRow = { readonly derivation: string; readonly resolved: string };
export type RealisationRow = {
  readonly derivation: string;
  readonly output: string;
  readonly path: string;
};

/** See `database/schema/own-schema.ts`. */
export type LeadershipRow = { readonly term: number };

/** The part of Hydra's tables that a runner touches. */
export class Tables {
  readonly builds = new Table<BuildRow>(({ id }) => String(id));
  readonly steps = new Table<StepRow>(stepKey);
  readonly stepOutputs = new Table<OutputRow>(outputKey);
  readonly buildOutputs = new Table<OutputRow>(outputKey);
  readonly jobsets = new Table<JobsetRow>(({ id }) => String(id));
  readonly grants = new Table<GrantRow>(({ attempt }) => String(attempt));
  readonly retries = new Table<RetryRow>(({ derivation }) => derivation);
  readonly needs = new Table<NeedsRow>((row) => `${row.package} ${row.system}`);
  readonly uploads = new Table<UploadRow>(uploadKey);
  readonly emergencies = new Table<EmergencyRow>(emergencyKey);
  readonly holds = new Table<HoldRow>(({ hostname }) => hostname);
  readonly resolutions = new Table<ResolutionRow>(({ derivation }) => derivation);
  readonly realisations = new Table<RealisationRow>(
    ({ derivation, output }) => `${derivation} ${output}`,
  );
  readonly leadership = new Table<LeadershipRow>(() => leadershipKey);
  readonly failedPaths = new Table<FailedPathRow>(({ path }) => path);
  #uploads = 0;

  /** The number of the next upload; as with PostgreSQL's own, some are left out. */
  nextUpload(): number {
    this.#uploads += 1;
    return this.#uploads;
  }
}

export const uploadKey = ({
  store,
  derivation,
  outputs,
}: Pick<UploadRow, 'store' | 'derivation' | 'outputs'>): string =>
  [store, derivation, ...outputs].join(' ');
export const emergencyKey = ({ subject, id }: Pick<EmergencyRow, 'subject' | 'id'>): string =>
  `${subject} ${id}`;
/** There is but one row. */
export const leadershipKey = 'one';
export const stepKey = ({ build, number }: Pick<StepRow, 'build' | 'number'>): string =>
  `${build}/${number}`;
const outputKey = ({ owner, name }: Pick<OutputRow, 'owner' | 'name'>): string =>
  `${owner}/${name}`;
