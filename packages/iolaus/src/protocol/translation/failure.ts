import type { ReportedFailure } from '../attempt-report.ts';
import { BuildResultState, BuildVerdict } from '../generated/runner/v1/build_pb.ts';
import type { BuildResultInfo } from '../generated/runner/v1/build_pb.ts';

const numbers = {
  'build-failed': BuildResultState.BuildFailure,
  'transiently-failed': BuildResultState.BuildFailure,
  'not-deterministic': BuildResultState.BuildFailure,
  'preparing-failed': BuildResultState.PreparingFailure,
  'import-failed': BuildResultState.ImportFailure,
  'upload-failed': BuildResultState.UploadFailure,
  'post-processing-failed': BuildResultState.PostProcessingFailure,
  'timed-out': BuildResultState.TimedOutFailure,
  'log-limit-exceeded': BuildResultState.LogLimitFailure,
  'output-limit-exceeded': BuildResultState.NarSizeLimitFailure,
} as const satisfies Record<ReportedFailure, BuildResultState>;

const failures = new Map<BuildResultState, ReportedFailure>([
  [BuildResultState.PreparingFailure, 'preparing-failed'],
  [BuildResultState.ImportFailure, 'import-failed'],
  [BuildResultState.UploadFailure, 'upload-failed'],
  [BuildResultState.PostProcessingFailure, 'post-processing-failed'],
  [BuildResultState.TimedOutFailure, 'timed-out'],
  [BuildResultState.LogLimitFailure, 'log-limit-exceeded'],
  [BuildResultState.NarSizeLimitFailure, 'output-limit-exceeded'],
]);

const verdictNumbers: Readonly<Partial<Record<ReportedFailure, BuildVerdict>>> = {
  'transiently-failed': BuildVerdict.Transient,
  'not-deterministic': BuildVerdict.NotDeterministic,
};

const verdicts = new Map<BuildVerdict, ReportedFailure>([
  [BuildVerdict.Transient, 'transiently-failed'],
  [BuildVerdict.NotDeterministic, 'not-deterministic'],
]);

/** What Hydra's builder calls a failure of the build, and only says in words: the daemon's statuses. */
const wordsOfHydra = new Map<string | undefined, ReportedFailure>([
  ['transient failure', 'transiently-failed'],
  ['build is not deterministic', 'not-deterministic'],
  ['builder failed', 'preparing-failed'],
  ['a dependency failed', 'import-failed'],
  ['no substituters available', 'import-failed'],
]);

export function toFailureFields(
  failure: ReportedFailure,
): Pick<BuildResultInfo, 'resultState' | 'verdict'> {
  return {
    resultState: numbers[failure],
    verdict: verdictNumbers[failure] ?? BuildVerdict.Permanent,
  };
}

/** A number that we do not know reads as the failure of the build, as it does in Hydra's runner. */
export function readFailure({ resultState, verdict, errorMsg }: BuildResultInfo): ReportedFailure {
  const words = / failed: ([a-z ]+) \(see log\)$/.exec(errorMsg ?? '')?.[1];
  return (
    failures.get(resultState) ?? verdicts.get(verdict) ?? wordsOfHydra.get(words) ?? 'build-failed'
  );
}
