import type { AttemptTimes, BuildResult, BuiltOutput } from '../farm/facts.ts';
import type { Phase } from '../farm/outcome.ts';
import { describeError } from '../fault/fault.ts';
import { combineNixSupport } from '../nix-support/nix-support.ts';
import type { AttemptReport, NixSupport, ReportedOutput } from '../protocol/attempt-report.ts';
import type { AttemptUuid } from '../protocol/identity.ts';
import type { Attempts, LiveAttempt } from './attempts.ts';
import type { Decisions } from './decisions.ts';
import type { PhaseWriter } from './phase-writer.ts';
import type { Validity } from './validity.ts';

/** What builders say of their attempts. Whatever is said of an attempt that is over is heard politely and ignored. */
export type Reports = {
  notePhase(attempt: AttemptUuid, phase: Phase): void;
  /** Resolves when the report is recorded, or not wanted any more. */
  complete(report: AttemptReport): Promise<void>;
};

export function openReports(options: {
  readonly attempts: Attempts;
  readonly decisions: Decisions;
  readonly validity: Validity;
  readonly phases: PhaseWriter;
}): Reports {
  const { attempts, decisions, validity, phases } = options;

  const notePhase = (uuid: AttemptUuid, phase: Phase): void => {
    const live = attempts.byUuid(uuid);
    if (live === undefined) return;
    live.phase = phase;
    phases.note(live);
  };

  const complete = async (report: AttemptReport): Promise<void> => {
    await attempts.byUuid(report.attempt)?.isKnown;
    const live = attempts.byUuid(report.attempt);
    if (live === undefined) return;
    if (report.result.type === 'failed') await fail(live, report, report.result);
    else await succeed(live, report, report.result.outputs);
  };

  const fail = (
    live: LiveAttempt,
    report: AttemptReport,
    { failure, message }: Extract<AttemptReport['result'], { readonly type: 'failed' }>,
  ): Promise<void> =>
    decisions.submit({
      type: 'attempt-failed',
      attempt: live.attempt,
      failure,
      message: message ?? failure.replaceAll('-', ' '),
      times: timesOf(report),
    });

  const succeed = async (
    live: LiveAttempt,
    report: AttemptReport,
    outputs: ReadonlyMap<string, ReportedOutput>,
  ): Promise<void> => {
    const problem = await findMissing(outputs);
    const times = timesOf(report);
    await decisions.submit(
      problem === null
        ? { type: 'attempt-succeeded', attempt: live.attempt, result: resultOf(outputs), times }
        : {
            type: 'attempt-failed',
            attempt: live.attempt,
            failure: 'upload-failed',
            message: problem,
            times,
          },
    );
  };

  /** Success is what is in the store, not what somebody says. */
  const findMissing = async (
    outputs: ReadonlyMap<string, ReportedOutput>,
  ): Promise<string | null> => {
    const paths = [...outputs.values()].map(({ path }) => path);
    try {
      const valid = await validity(paths);
      const missing = paths.filter((path) => !valid.has(path));
      return missing.length === 0
        ? null
        : `the builder reported success, but the store lacks ${missing.join(', ')}`;
    } catch (error) {
      return `the runner's Nix daemon cannot tell whether the outputs are there: ${describeError(error)}`;
    }
  };

  return { notePhase, complete };
}

function resultOf(reported: ReadonlyMap<string, ReportedOutput>): BuildResult {
  const outputs = new Map<string, BuiltOutput>();
  const supports = new Map<string, NixSupport>();
  for (const [name, { path, narSize, closureSize, nixSupport }] of reported) {
    outputs.set(name, { path, narSize, closureSize });
    if (nixSupport !== null) supports.set(name, nixSupport);
  }
  return { outputs, ...combineNixSupport(supports) };
}

function timesOf(report: AttemptReport): AttemptTimes {
  return {
    importMilliseconds: report.importMilliseconds,
    buildMilliseconds: report.buildMilliseconds,
    uploadMilliseconds: report.uploadMilliseconds,
  };
}
