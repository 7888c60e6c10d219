import type {
  BuildStatus,
  BuildSummary,
  Evaluation,
  Step,
  StepPhase,
  StepStatus,
} from '@iolaus/web/api';
import type { BuildSummary as BuildRow } from '../../database/reads/list-builds.ts';
import type { EvaluationRow } from '../../database/reads/list-evaluations.ts';
import type { StepRow } from '../../database/reads/step-row.ts';
import { buildOutcomeOf, phaseOf, stepOutcomeOf } from '../../database/status.ts';

/** Status of `BuildSteps` for a derivation that was built under another name. */
const resolvedStatus = 13;

/** A build as the page is told of it. */
export function wordBuild(row: BuildRow): BuildSummary {
  return {
    id: row.id,
    project: row.project,
    jobset: row.jobset,
    job: row.job,
    name: row.nixName,
    system: row.system,
    derivation: row.derivation,
    status: buildStatus(row),
    cached: row.cached,
    queuedAt: row.queuedAt,
    startedAt: row.startedAt,
    stoppedAt: row.stoppedAt,
  };
}

function buildStatus(row: BuildRow): BuildStatus {
  if (!row.finished) return row.running ? 'running' : 'queued';
  // Hydra's pages word a status that they do not know in the same way.
  return row.status === null ? 'aborted' : buildOutcomeOf(row.status);
}

/** A step as the page is told of it. `isNewest`: no later row of the same derivation has overwritten its log. */
export function wordStep(row: StepRow, isNewest: boolean): Step {
  const status = stepStatus(row);
  const origin =
    row.propagatedFrom === null ? null : { build: row.propagatedFrom, step: row.origin };
  return {
    build: row.build,
    number: row.stepNumber,
    type: row.type,
    derivation: row.derivation,
    system: row.system,
    machine: row.machine === '' ? null : row.machine,
    status,
    phase: phaseWord(row),
    error: row.errorMessage,
    startedAt: row.startedAt,
    stoppedAt: row.stoppedAt,
    overheadMilliseconds: row.overheadMilliseconds,
    outputs: row.outputs,
    origin,
    resolution: row.resolution,
    hasLog:
      isNewest &&
      row.type === 'build' &&
      row.startedAt !== null &&
      status !== 'resolved' &&
      origin === null,
  };
}

/** Newest first, as they come. */
export function wordSteps(rows: readonly StepRow[]): Step[] {
  const seen = new Set<string>();
  return rows.map((row) => {
    const isNewest = !seen.has(row.derivation);
    seen.add(row.derivation);
    return wordStep(row, isNewest);
  });
}

function stepStatus(row: StepRow): StepStatus {
  if (row.busy !== 0) return 'running';
  if (row.status === resolvedStatus) return 'resolved';
  return (row.status === null ? null : stepOutcomeOf(row.status)) ?? 'aborted';
}

const phaseWord = (row: StepRow): StepPhase | null => (row.busy === 0 ? null : phaseOf(row.busy));

/** An evaluation as the page is told of it. */
export const wordEvaluation = (row: EvaluationRow): Evaluation => ({
  id: row.id,
  project: row.project,
  jobset: row.jobset,
  evaluatedAt: row.timestamp,
  evaluationSeconds: row.evaluationSeconds,
  builds: row.builds,
  succeeded: row.succeeded,
  failed: row.failed,
  unfinished: row.unfinished,
  error: row.errorMessage,
});
