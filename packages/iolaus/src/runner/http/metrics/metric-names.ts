import type { S3Traffic } from '../../../cache/objects/s3/s3-traffic.ts';
import type { SystemLoad } from '../../../farm/explain/survey.ts';
import { currentJobs, idleSince } from '../status/machine-status.ts';
import type { MachineFacts, SeenJobset } from '../../observation/sight.ts';
import type { Figures } from '../status/runner-status.ts';
import { trafficFigures } from '../status/store-traffic.ts';

/** Before every name. */
export const metricPrefix = 'hydraqueuerunner_';

/** A metric's name without the prefix. */
export type Metric = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels?: readonly string[];
};

/** A metric with how its figure follows from what it is about. */
export type Measured<Facts> = Metric & { figure(facts: Facts): number };

type Moment = Figures & {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Seconds. */
  readonly uptime: number;
  readonly uploadsPending: number;
};

const counter = (name: string, help: string, figure: (facts: Moment) => number) =>
  ({ name, type: 'counter', help, figure }) as const;
const gauge = (name: string, help: string, figure: (facts: Moment) => number) =>
  ({ name, type: 'gauge', help, figure }) as const;

const average = (total: number, { stepsFinished }: Moment): number =>
  stepsFinished === 0 ? 0 : total / stepsFinished;

/** Of the whole farm. */
export const totalMetrics: readonly Measured<Moment>[] = [
  counter('queue_checks_started_total', 'Looks at the queue', (f) => f.checksStarted),
  counter(
    'queue_checks_finished_total',
    'Looks at the queue that came to an end',
    (f) => f.checksFinished,
  ),
  counter('queue_checks_early_exits_total', 'Looks at the queue that stopped half-way', () => 0),
  counter('queue_build_loads_total', 'Builds taken from the queue', (f) => f.buildsRead),
  counter('queue_steps_created_total', 'Steps that became known', (f) => f.stepsCreated),
  counter(
    'dispatcher_time_spent_running_total',
    'Microseconds spent on decisions',
    (f) => f.deciding,
  ),
  counter(
    'dispatcher_time_spent_waiting_total',
    'Microseconds without a decision',
    (f) => f.waitingForDecisions,
  ),
  counter('monitor_time_spent_running_total', 'Microseconds spent on the queue', (f) => f.checking),
  counter(
    'monitor_time_spent_waiting_total',
    'Microseconds waiting for the queue',
    (f) => f.waitingForQueue,
  ),
  counter('builds_read', 'Builds taken from the queue', (f) => f.buildsRead),
  counter('builds_read_time_ms', 'Milliseconds spent on taking them', (f) => f.checking / 1_000),
  gauge('builds_unfinished', 'Builds that are not finished', (f) => f.builds),
  counter('builds_finished', 'Builds that finished', (f) => f.buildsSucceeded + f.buildsFailed),
  counter('builds_succeeded', 'Builds that succeeded', (f) => f.buildsSucceeded),
  counter('builds_failed', 'Builds that failed', (f) => f.buildsFailed),
  counter('steps_started', 'Attempts given to builders', (f) => f.stepsStarted),
  counter('steps_finished', 'Attempts that ended', (f) => f.stepsFinished),
  gauge('steps_building', 'Attempts under way', (f) => f.leased),
  gauge('steps_waiting', 'Runnable steps that wait for a builder', (f) => f.runnable),
  gauge('steps_unsupported', 'Runnable steps that no builder can build', (f) => f.unsupported),
  gauge('steps_runnable', 'Unfinished steps that can start, or have', (f) => f.startableSteps),
  gauge('steps_unfinished', 'Unfinished steps', (f) => f.steps),
  counter(
    'steps_unsupported_aborted',
    'Steps that failed as unsupported',
    (f) => f.unsupportedAborted,
  ),
  counter(
    'overflow_copies_queued_total',
    'Derivations whose outputs are to be copied from the overflow store',
    (f) => f.overflowCopies.queued,
  ),
  counter(
    'overflow_copies_succeeded_total',
    'Those that were copied',
    (f) => f.overflowCopies.succeeded,
  ),
  counter(
    'overflow_copies_failed_total',
    'Those that were given up',
    (f) => f.overflowCopies.failed,
  ),
  counter('substitutes_started', 'Outputs to fetch', (f) => f.substitutes.started),
  counter('substitutes_failed', 'Outputs that were not fetched', (f) => f.substitutes.failed),
  counter(
    'substitutes_succeeded',
    'Outputs fetched instead of built',
    (f) => f.substitutes.succeeded,
  ),
  counter('steps_retries', 'Attempts that are tried again', (f) => f.retries),
  gauge('steps_max_retries', 'Most tries that a step took', (f) => f.maxTries),
  gauge('steps_copying_to', 'Paths that builders upload', (f) => f.pathsUploading),
  gauge('steps_copying_from', 'Paths that builders download', (f) => f.pathsDownloading),
  gauge('steps_avg_total_time_ms', 'Average time of an attempt', (f) => average(f.times.total, f)),
  gauge('steps_avg_import_time_ms', 'Average time to fetch inputs', (f) =>
    average(f.times.import, f),
  ),
  gauge('steps_avg_build_time_ms', 'Average time to build', (f) => average(f.times.build, f)),
  gauge('steps_avg_upload_time_ms', 'Average time to upload outputs', (f) =>
    average(f.times.upload, f),
  ),
  counter('steps_total_time_ms', 'Time of all attempts', (f) => f.times.total),
  counter('steps_total_import_time_ms', 'Time to fetch inputs', (f) => f.times.import),
  counter('steps_total_build_time_ms', 'Time to build', (f) => f.times.build),
  counter('steps_total_upload_time_ms', 'Time to upload outputs', (f) => f.times.upload),
  counter('monitor_checks', 'Looks at the queue', (f) => f.checksStarted),
  counter('dispatch_wakeup', 'Events that the farm decided about', (f) => f.decisions),
  counter('dispatch_time_ms', 'Milliseconds spent on decisions', (f) => f.deciding / 1_000),
  gauge('machines_total', 'Connected builders', (f) => f.machines),
  gauge('machines_in_use', 'Connected builders with an attempt', (f) => f.machinesInUse),
  counter(
    'sort_duration_ms_total',
    'Milliseconds spent on sorting queues: none, they are heaps',
    () => 0,
  ),
  counter('aborted_jobs_total', 'Steps that were left without being tried', (f) => f.abandoned),
  gauge('s3_uploads_pending', 'Uploads that wait for their turn', (f) => f.uploadsPending),
  gauge('current_time_seconds', 'The time of this machine', (f) => f.now / 1_000),
  gauge('uptime_seconds', 'Seconds since the start', (f) => f.uptime),
];

const ofSystem = (
  name: string,
  help: string,
  figure: (facts: SystemLoad & { readonly waited: number }) => number,
) =>
  ({
    name: `machine_type_${name}`,
    type: 'gauge',
    help,
    labels: ['machine_type'],
    figure,
  }) as const;

/** Of the steps of one system. */
export const systemMetrics: readonly Measured<SystemLoad & { readonly waited: number }>[] = [
  ofSystem(
    'runnable',
    'Steps that can start, or have',
    (f) => f.runnable + f.leased + f.backingOff,
  ),
  ofSystem('running', 'Attempts under way', (f) => f.leased),
  ofSystem('waiting', 'Steps that wait for a builder', (f) => f.runnable),
  ofSystem('disabled', 'Steps that rest until they are tried again', (f) => f.backingOff),
  ofSystem('avg_runnable_time', 'Not measured', () => 0),
  ofSystem('wait_time', 'Milliseconds that steps waited for a builder', (f) => f.waited),
];

const ofMachine = (name: string, help: string, figure: (facts: MachineFacts) => number) =>
  ({ name: `machine_${name}`, type: 'gauge', help, labels: ['hostname'], figure }) as const;

/** Of one builder. Times are Unix seconds. */
export const machineMetrics: readonly Measured<MachineFacts>[] = [
  ofMachine('current_jobs', 'Attempts under way', currentJobs),
  ofMachine('steps_done', 'Attempts that ended', ({ tally }) => tally.stepsDone),
  ofMachine('total_step_time_ms', 'Time of all attempts', ({ tally }) => tally.times.total),
  ofMachine('total_step_import_time_ms', 'Time to fetch inputs', ({ tally }) => tally.times.import),
  ofMachine('total_step_build_time_ms', 'Time to build', ({ tally }) => tally.times.build),
  ofMachine('total_step_upload_time_ms', 'Time to upload', ({ tally }) => tally.times.upload),
  ofMachine('consecutive_failures', 'Failures in a row', ({ tally }) => tally.failuresInARow),
  ofMachine('last_ping_timestamp', 'When it was heard of last', ({ member }) =>
    Math.floor((member.pingedAt ?? member.joinedAt) / 1_000),
  ),
  ofMachine('idle_since_timestamp', 'Since when it has nothing to do; 0: it has', idleSince),
];

/** Of one jobset. */
export const jobsetMetrics: readonly Measured<SeenJobset>[] = [
  {
    name: 'jobset_share_used',
    type: 'gauge',
    labels: ['jobset_name'],
    help: 'Seconds of build time in the last 24 hours for each of its shares',
    figure: ({ shares, usedSeconds }) => usedSeconds / Math.max(shares, 1),
  },
  {
    name: 'jobset_seconds',
    type: 'gauge',
    labels: ['jobset_name'],
    help: 'Seconds of build time in the last 24 hours',
    figure: ({ usedSeconds }) => usedSeconds,
  },
];

/** Of one store in S3, as the runner itself uses it. */
export const storeMetrics: readonly Measured<S3Traffic>[] = Object.entries(trafficFigures).map(
  ([name, figure]) => ({
    name: `s3_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`,
    figure,
    type: 'gauge',
    labels: ['remote_store'],
    help: 'Traffic with a store in S3',
  }),
);

const untouched = (names: readonly string[], type: Metric['type'], help: string): Metric[] =>
  names.map((name) => ({ name, type, help }));

/** What has no figure yet: named, so that what reads them finds them. */
export const untouchedMetrics: readonly Metric[] = [
  ...untouched(
    [
      'nar_info_read',
      'nar_info_read_averted',
      'nar_info_missing',
      'nar_info_write',
      'path_info_cache_size',
      'nar_read',
      'nar_read_bytes',
      'nar_read_compressed_bytes',
      'nar_write',
      'nar_write_averted',
      'nar_write_bytes',
      'nar_write_compressed_bytes',
      'nar_write_compression_time_ms',
      'nar_compression_savings',
      'nar_compression_speed',
    ].map((what) => `store_${what}`),
    'gauge',
    'Not set, as in Hydra',
  ),
];
