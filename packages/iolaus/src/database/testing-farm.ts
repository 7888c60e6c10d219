import { attemptNumber, builderId } from '../farm/identity.ts';
import type { BuildId, JobsetId } from '../farm/identity.ts';
import type { Database, Transaction } from './connection/connection.ts';
import { finishBuilds } from './builds/finish-builds.ts';
import type { FinishedBuild } from './builds/finish-builds.ts';
import { ensureJobset } from './evaluations/ensure-jobset.ts';
import type { Grant } from './steps/grants.ts';
import type { BusyStep } from './steps/insert-busy-steps.ts';
import { recordEvaluation } from './evaluations/record-evaluation.ts';
import type { EvaluatedJob, EvaluationRecord } from './evaluations/record-evaluation.ts';

/** Seconds since the epoch at which tests take place. */
export const someTime = 1_790_000_000;

export const derivationOf = (name: string): string => `/nix/store/${'0'.repeat(32)}-${name}.drv`;
export const outputOf = (name: string): string => `/nix/store/${'1'.repeat(32)}-${name}`;

/** A job with one output, whose derivation has its name. */
export const jobNamed = (name: string): EvaluatedJob => ({
  job: name,
  name: `${name}-1.0`,
  system: 'x86_64-linux',
  derivation: derivationOf(name),
  outputs: new Map([['out', outputOf(name)]]),
  description: `The package ${name}`,
  homepage: null,
  license: ['MIT', 'GPL-3.0'],
  maintainers: [],
  priority: null,
  maxSilentSeconds: null,
  timeoutSeconds: null,
  isChannel: false,
});

export const evaluationOf = (
  jobset: JobsetId,
  jobs: readonly EvaluatedJob[],
  reuse: EvaluationRecord['reuse'] = 'unfinished',
): EvaluationRecord => ({
  jobset,
  jobs,
  reuse,
  errorMessage: '',
  evaluationSeconds: 3,
  now: someTime,
});

export async function addJobset(
  database: Database,
  project = 'project',
  jobset = 'jobset',
): Promise<JobsetId> {
  return database.transaction((transaction) =>
    ensureJobset(transaction, { project, jobset, description: '' }),
  );
}

/** Queues builds by the names of their jobs. The answer has as many ids as are wanted. */
export async function queueBuilds(
  database: Database,
  names: readonly string[],
  jobset?: JobsetId,
): Promise<BuildId[]> {
  const place = jobset ?? (await addJobset(database));
  return database.transaction((transaction: Transaction) =>
    recordEvaluation(transaction, evaluationOf(place, names.map(jobNamed))),
  );
}

export async function queueThree(database: Database): Promise<[BuildId, BuildId, BuildId]> {
  const [one, two, three] = await queueBuilds(database, ['one', 'two', 'three']);
  if (one === undefined || two === undefined || three === undefined)
    throw new Error('three builds were not queued');
  return [one, two, three];
}

export async function queueBuild(database: Database, name = 'hello'): Promise<BuildId> {
  const [build] = await queueBuilds(database, [name]);
  if (build === undefined) throw new Error(`${name} was not queued`);
  return build;
}

export const busyStep = (build: BuildId, name: string, more: Partial<BusyStep> = {}): BusyStep => ({
  build,
  derivation: derivationOf(name),
  system: 'x86_64-linux',
  machine: 'ares',
  startTime: someTime,
  busy: 30,
  outputs: new Map([['out', outputOf(name)]]),
  ...more,
});

/** Of an attempt with the number of its row. */
export const grantOf = (build: BuildId, stepNumber: number): Grant => ({
  attempt: attemptNumber(stepNumber),
  uuid: 'uuid',
  build,
  stepNumber,
  derivation: 'granted',
  builder: builderId('ant'),
  hostname: 'ant',
  startedAt: 1_000 * someTime,
  maxSilentSeconds: 0,
  timeoutSeconds: 0,
});

/** A build that succeeded, a minute after it began. */
export const finishedBuild = (
  build: BuildId,
  more: Partial<FinishedBuild> = {},
): FinishedBuild => ({
  build,
  status: 0,
  cached: false,
  startTime: someTime,
  stopTime: someTime + 60,
  size: 10,
  closureSize: 20,
  releaseName: 'release',
  notifies: true,
  ...more,
});

/** Returns those that were not finished before. */
export const finish = (database: Database, builds: readonly FinishedBuild[]): Promise<BuildId[]> =>
  database.transaction((transaction) => finishBuilds(transaction, builds));
