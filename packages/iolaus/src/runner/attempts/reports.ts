import type { AttemptTimes, BuildResult, BuiltOutput } from '../../farm/facts.ts';
import type { BuilderId } from '../../farm/identity.ts';
import { isBegun } from '../../farm/outcome.ts';
import type { Phase } from '../../farm/outcome.ts';
import { describeError } from '../../fault/fault.ts';
import { combineNixSupport } from '../../nix-support/nix-support.ts';
import type { AttemptReport, NixSupport, ReportedOutput } from '../../protocol/attempt-report.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { Attempts, LiveAttempt } from './attempts.ts';
import type { Decisions } from '../records/decisions.ts';
import type { GcRoots } from '../gc-roots.ts';
import type { Refusals } from '../builders/refusals.ts';
import type { PhaseWriter } from './phase-writer.ts';
import type { Validity } from '../ingest/validity.ts';

type FailedResult = Extract<AttemptReport['result'], { readonly type: 'failed' }>;

/**
 * What builders say of their attempts. Whatever is said of an attempt that is over is heard politely and ignored; what is
 * said of another builder's, or of one that never was, is refused with a `CallError`.
 */
export type Reports = {
  notePhase(attempt: AttemptUuid, phase: Phase, by: BuilderId | undefined): void;
  /** Resolves when the report is recorded, or not wanted any more. */
  complete(report: AttemptReport, by: BuilderId | undefined): Promise<void>;
};

export function openReports(options: {
  readonly attempts: Attempts;
  readonly decisions: Decisions;
  readonly validity: Validity;
  readonly phases: PhaseWriter;
  readonly refusals: Refusals;
  readonly roots: GcRoots;
  /** Of the NAR of an output; 0: no limit. */
  /** Asked for each report. */
  readonly maxOutputBytes: () => number;
}): Reports {
  const { attempts, decisions, validity, phases, refusals, roots } = options;

  const notePhase: Reports['notePhase'] = (uuid, phase, by) => {
    const live = ownAttempt(uuid, by);
    if (live === undefined) return;
    if (isBegun(phase) && !isBegun(live.phase)) void noteBegun(live);
    attempts.notePhase(live, phase);
    phases.note(live);
  };

  /** The farm hears of an inherited one when it knows its step. */
  const noteBegun = async (live: LiveAttempt): Promise<void> => {
    await live.isKnown;
    if (attempts.byUuid(live.uuid) !== live) return;
    await decisions.submit({ type: 'attempt-begun', attempt: live.attempt }).catch(() => {});
  };

  const complete: Reports['complete'] = async (report, by) => {
    await ownAttempt(report.attempt, by)?.isKnown;
    const live = attempts.byUuid(report.attempt);
    if (live === undefined) return;
    if (report.result.type === 'failed') await fail(live, report, report.result);
    else await succeed(live, report, report.result.outputs);
  };

  /** Undefined for one that is over. */
  const ownAttempt = (uuid: AttemptUuid, by: BuilderId | undefined): LiveAttempt | undefined => {
    const live = attempts.byUuid(uuid);
    if (live === undefined) {
      if (attempts.hasEnded(uuid)) return undefined;
      throw refusals.refuse('unknown-attempt', `there is no attempt ${uuid}`);
    }
    if (live.builder === by) return live;
    throw refusals.refuse('foreign-attempt', `attempt ${uuid} is another builder's`);
  };

  const fail = (
    live: LiveAttempt,
    report: AttemptReport,
    { failure, message }: Pick<FailedResult, 'failure' | 'message'>,
  ): Promise<void> =>
    decisions.submit({
      type: 'attempt-failed',
      attempt: live.attempt,
      failure,
      ...exitCodeIn(failure === 'build-failed' ? message : null),
      message: message ?? failure.replaceAll('-', ' '),
      times: timesOf(report),
    });

  const succeed = async (
    live: LiveAttempt,
    report: AttemptReport,
    outputs: ReadonlyMap<string, ReportedOutput>,
  ): Promise<void> => {
    const excess = findExcess(outputs);
    if (excess !== null) {
      await fail(live, report, { failure: 'output-limit-exceeded', message: excess });
      return;
    }
    const problem = await findMissing(outputs);
    // The builder keeps them until it has its answer.
    if (problem === null) await roots.keep([...outputs.values()].map(({ path }) => path));
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

  /** The builder should have seen that itself. */
  const findExcess = (outputs: ReadonlyMap<string, ReportedOutput>): string | null => {
    const maxOutputBytes = options.maxOutputBytes();
    const large = [...outputs].find(([, { narSize }]) => narSize > maxOutputBytes);
    return large === undefined
      ? null
      : `the output ${large[0]} has ${large[1].narSize} bytes, which is more than ${maxOutputBytes}`;
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

/** Nix tells the exit code of a failed builder in its message only. */
function exitCodeIn(message: string | null): { readonly exitCode?: number } {
  const code = / failed with exit code (\d{1,3})\b/.exec(message ?? '')?.[1];
  return code === undefined ? {} : { exitCode: Number(code) };
}

function timesOf(report: AttemptReport): AttemptTimes {
  return {
    importMilliseconds: plausible(report.importMilliseconds),
    buildMilliseconds: plausible(report.buildMilliseconds),
    uploadMilliseconds: plausible(report.uploadMilliseconds),
  };
}

/** A year: a builder that says more has no clock, and its result is as good as any. */
const plausibleMillisecondsMax = 366 * 24 * 3_600_000;

const plausible = (milliseconds: number): number =>
  milliseconds >= 0 && milliseconds <= plausibleMillisecondsMax ? milliseconds : 0;
