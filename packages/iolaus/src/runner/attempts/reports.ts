import type { StoreDirectory } from '@iolaus/nix';
import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { BuilderId } from '../../farm/identity.ts';
import { isBegun } from '../../farm/outcome.ts';
import type { AttemptFailure, Phase } from '../../farm/outcome.ts';
import type { AttemptReport, ReportedOutput } from '../../protocol/attempt-report.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import { combineNixSupport } from '../../nix-support/nix-support.ts';
import type { NixSupport } from '../../nix-support/nix-support.ts';
import type { LocalPaths } from '../store/runner-store.ts';
import type { Refusals } from '../builders/refusals.ts';
import type { GcRoots } from '../gc-roots/gc-roots.ts';
import type { Derivations } from '../store/derivations.ts';
import type { Measure } from '../store/measure.ts';
import { shareQuestions } from '../store/share-questions.ts';
import type { Decisions } from '../records/decisions.ts';
import type { Attempts, LiveAttempt } from './attempts.ts';
import { ownAttempt } from './own-attempt.ts';
import type { PhaseWriter } from './phase-writer.ts';
import { proveSupport } from './proven-support.ts';
import { exitCodeIn, supportsOf, timesOf, useOf } from './report-facts.ts';
import { inspectOutputs } from './reported-outputs.ts';

// Not to be felt, and long enough that reports of the tiniest steps are measured several at a time.
const restMilliseconds = 10;

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
  readonly measure: Measure;
  readonly local: LocalPaths;
  readonly derivations: Pick<Derivations, 'outputs' | 'isNamed'>;
  readonly storeDirectory: StoreDirectory;
  readonly phases: PhaseWriter;
  readonly refusals: Refusals;
  readonly roots: GcRoots;
  readonly clock: Clock;
  /** Of the NAR of an output. Asked for each report. */
  readonly maxOutputBytes: () => number;
}): Reports {
  const { attempts, decisions, phases, roots, clock } = options;
  const measure = shareQuestions(options.measure, () => sleep(clock, restMilliseconds));

  const notePhase: Reports['notePhase'] = (uuid, phase, by) => {
    const live = own(uuid, by);
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

  /** A report that is repeated while it is being recorded is not kept a second time. */
  const recording = new Map<AttemptUuid, Promise<void>>();

  const complete: Reports['complete'] = async (report, by) => {
    const live = own(report.attempt, by);
    if (live !== undefined) await (recording.get(live.uuid) ?? begin(live, report));
  };

  const begin = (live: LiveAttempt, report: AttemptReport): Promise<void> => {
    const recorded = record(live, report).finally(() => recording.delete(live.uuid));
    recording.set(live.uuid, recorded);
    return recorded;
  };

  const record = async (live: LiveAttempt, report: AttemptReport): Promise<void> => {
    await noteEnded(live);
    if (attempts.byUuid(live.uuid) !== live) return;
    const { result } = report;
    if (result.type === 'failed') await fail(live, report, result.failure, result.message);
    else await succeed(live, report, result.outputs);
  };

  /** What an inherited one has come to can be told when its step is known; that it has ended, before. */
  const noteEnded = async (live: LiveAttempt): Promise<void> => {
    if (attempts.isKnown(live.attempt)) return;
    const { attempt, derivation } = live;
    await decisions.submit({ type: 'inherited-ended', attempt, derivation });
    await live.isKnown;
  };

  const own = (uuid: AttemptUuid, by: BuilderId | undefined): LiveAttempt | undefined =>
    ownAttempt(options, uuid, by);

  const fail = (
    { attempt }: LiveAttempt,
    report: AttemptReport,
    failure: AttemptFailure,
    message: string | null,
  ): Promise<void> =>
    decisions.submit({
      type: 'attempt-failed',
      attempt,
      failure,
      times: timesOf(report),
      ...exitCodeIn(failure === 'build-failed' ? message : null),
      message: message ?? failure.replaceAll('-', ' '),
    });

  const succeed = async (
    live: LiveAttempt,
    report: AttemptReport,
    outputs: ReadonlyMap<string, ReportedOutput>,
  ): Promise<void> => {
    const maxOutputBytes = options.maxOutputBytes();
    const found = await inspectOutputs(live, outputs, { ...options, measure, maxOutputBytes });
    if (found.type === 'not-there') return fail(live, report, found.failure, found.message);
    // The builder keeps them until it has its answer.
    await roots.keep([...outputs.values()].map(({ path }) => path));
    const support = await findSupport(live, outputs);
    await decisions.submit({
      type: 'attempt-succeeded',
      attempt: live.attempt,
      result: { outputs: found.outputs, ...combineNixSupport(support) },
      times: timesOf(report),
      cached: report.cached,
      use: useOf(report),
    });
  };

  const findSupport = (
    live: LiveAttempt,
    reported: ReadonlyMap<string, ReportedOutput>,
  ): Promise<ReadonlyMap<string, NixSupport>> => {
    const supports = supportsOf(live, reported, options);
    const outputs = new Map([...reported].map(([name, { path }]) => [name, path] as const));
    return proveSupport(live, { supports, outputs }, options);
  };

  return { notePhase, complete };
}
