import type { BuildReportRow } from '../../database/builds/read-build-reports.ts';
import { buildOutcomeOf } from '../../database/status.ts';
import type { EvaluationError } from '../../evaluator/evaluate-file.ts';
import { printDuration } from '../terminal/duration.ts';
import type { Paint } from '../terminal/paint.ts';
import { printTable } from '../terminal/table.ts';

/** How a build ended, in the words of `iolaus build --json`. */
export type ReportedStatus =
  | 'succeeded'
  | 'failed'
  | 'dependency-failed'
  | 'timed-out'
  | 'log-limit-exceeded'
  | 'output-limit-exceeded'
  | 'aborted'
  | 'cancelled'
  | 'cached-failure'
  | 'evaluation-failed';

/** One entry of `builds` in `iolaus build --json`. Times in ISO 8601. */
export type ReportedBuild = {
  /** Dotted attribute path. */
  readonly attr: string;
  readonly drvPath: string | null;
  readonly status: ReportedStatus;
  readonly outputs: Readonly<Record<string, string>>;
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
  readonly machine: string | null;
  readonly error: string | null;
};

/** What `iolaus build --json` prints. */
export type BuildReport = {
  readonly builds: readonly ReportedBuild[];
  /** Attempts that builders worked on. */
  readonly steps: number;
  readonly seconds: number;
};

export function reportBuild(row: BuildReportRow): ReportedBuild {
  const status = statusOf(row);
  return {
    attr: row.job,
    drvPath: row.derivation,
    status,
    outputs: status === 'succeeded' ? row.outputs : {},
    startedAt: toIso(row.startTime),
    stoppedAt: toIso(row.stopTime),
    machine: row.machine === '' ? null : row.machine,
    error: status === 'succeeded' ? null : (row.errorMessage ?? defaultError[status] ?? null),
  };
}

export function reportEvaluationError({ attribute, message }: EvaluationError): ReportedBuild {
  return {
    attr: attribute,
    drvPath: null,
    status: 'evaluation-failed',
    outputs: {},
    startedAt: null,
    stoppedAt: null,
    machine: null,
    error: message,
  };
}

const defaultError: Partial<Record<ReportedStatus, string>> = {
  failed: 'the build failed',
  'dependency-failed': 'a dependency failed',
  aborted: 'the farm gave up',
  cancelled: 'the build was cancelled',
};

function statusOf({ finished, status, cached }: BuildReportRow): ReportedStatus {
  if (!finished || status === null) return 'cancelled';
  const outcome = buildOutcomeOf(status);
  if (cached && (outcome === 'failed' || outcome === 'dependency-failed')) return 'cached-failure';
  switch (outcome) {
    case 'failed-with-output':
    case 'not-deterministic':
      return 'failed';
    case 'unsupported':
      return 'aborted';
    default:
      return outcome;
  }
}

const toIso = (seconds: number | null): string | null =>
  seconds === null || seconds === 0 ? null : new Date(seconds * 1_000).toISOString();

/** The table at the end: failures last, where the eye is. */
export function printReport({ builds, steps, seconds }: BuildReport, paint: Paint): string {
  const ordered = builds.toSorted((a, b) => Number(a.error !== null) - Number(b.error !== null));
  const lines = printTable([
    ['STATUS', 'ATTRIBUTE', 'TIME', 'MACHINE', 'RESULT'],
    ...ordered.map((build) => [
      build.status.replaceAll('-', ' '),
      build.attr === '' ? '(top)' : build.attr,
      durationOf(build),
      build.machine ?? '',
      build.error?.split('\n', 1)[0] ?? Object.values(build.outputs).join(' '),
    ]),
  ]).split('\n');
  const [head = '', ...rows] = lines;
  const failed = builds.filter(({ error }) => error !== null).length;
  return [
    paint('bold', head),
    ...rows.map((row, index) =>
      paint(ordered[index]?.error === null ? 'green' : 'red', row.split('  ', 1)[0] ?? '').concat(
        row.slice((row.split('  ', 1)[0] ?? '').length),
      ),
    ),
    '',
    `${builds.length - failed} of ${builds.length} succeeded, ${steps} steps built in ${printDuration(seconds)}`,
  ].join('\n');
}

function durationOf({ startedAt, stoppedAt }: ReportedBuild): string {
  if (startedAt === null || stoppedAt === null) return '';
  return printDuration((Date.parse(stoppedAt) - Date.parse(startedAt)) / 1_000);
}
