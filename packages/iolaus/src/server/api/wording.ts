import type { Answer } from '../../api/contract.ts';
import type { EvaluationRow } from '../../database/api/list-evaluations.ts';
import type { BuildSummary } from '../../database/reads/build-summary.ts';
import type { JobStepRow, StepRow } from '../../database/reads/step-row.ts';
import { buildOutcomeOf, phaseOf, stepOutcomeOf } from '../../database/status.ts';

type Item<List extends { items: unknown[] }> = List['items'][number];
type Build = Item<Answer<'listBuilds'>>;
type Step = Item<Answer<'listBuildSteps'>>;
type Evaluation = Answer<'readEvaluation'>;

/** Status of `BuildSteps` for a derivation that was built under another name. */
const resolvedStatus = 13;

/** RFC 3339, of seconds since the epoch. */
export const wordTime = (seconds: number): string => new Date(seconds * 1_000).toISOString();

export const wordTimeOrNull = (seconds: number | null): string | null =>
  seconds === null ? null : wordTime(seconds);

export const describeBuild = (row: BuildSummary): Build => ({
  id: row.id,
  project: row.project,
  jobset: row.jobset,
  job: row.job,
  name: row.nixName,
  system: row.system,
  derivation: row.derivation,
  status: buildStatus(row),
  cached: row.cached,
  queuedAt: wordTime(row.queuedAt),
  startedAt: wordTimeOrNull(row.startedAt),
  stoppedAt: wordTimeOrNull(row.stoppedAt),
});

function buildStatus(row: BuildSummary): Build['status'] {
  if (!row.finished) return row.running ? 'running' : 'queued';
  // Hydra's pages word a status that they do not know in the same way.
  return row.status === null ? 'aborted' : buildOutcomeOf(row.status);
}

export function describeStep(row: StepRow): Step {
  const status = stepStatus(row);
  const origin =
    row.propagatedFrom === null ? null : { build: row.propagatedFrom, step: row.origin };
  const wasTried = row.type === 'build' && row.startedAt !== null;
  return {
    build: row.build,
    number: row.stepNumber,
    type: row.type,
    derivation: row.derivation,
    system: row.system,
    machine: row.machine === '' ? null : row.machine,
    status,
    phase: row.busy === 0 ? null : phaseOf(row.busy),
    error: row.errorMessage,
    startedAt: wordTimeOrNull(row.startedAt),
    stoppedAt: wordTimeOrNull(row.stoppedAt),
    overheadMilliseconds: row.overheadMilliseconds,
    outputs: [...row.outputs],
    origin,
    resolution: row.resolution,
    hasLog: wasTried && status !== 'resolved' && origin === null,
  };
}

function stepStatus(row: StepRow): Step['status'] {
  if (row.busy !== 0) return 'running';
  if (row.status === resolvedStatus) return 'resolved';
  return (row.status === null ? null : stepOutcomeOf(row.status)) ?? 'aborted';
}

export const describeJobStep = (row: JobStepRow): Item<Answer<'listAttempts'>> => ({
  ...describeStep(row),
  project: row.project,
  jobset: row.jobset,
  job: row.job,
});

export const describeEvaluation = (row: EvaluationRow): Evaluation => ({
  id: row.id,
  project: row.project,
  jobset: row.jobset,
  evaluatedAt: wordTime(row.timestamp),
  evaluationSeconds: row.evaluationSeconds,
  builds: row.builds,
  succeeded: row.succeeded,
  failed: row.failed,
  unfinished: row.unfinished,
  error: row.errorMessage,
});
