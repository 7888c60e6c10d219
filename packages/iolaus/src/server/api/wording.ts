import type { Answer } from '../../api/contract.ts';
import type { EvaluationRow } from '../../database/reads/list-evaluations.ts';
import type { BuildSummary as BuildRow } from '../../database/reads/list-builds.ts';
import type { RunningStepRow } from '../../database/reads/running-steps.ts';
import type { StepRow } from '../../database/reads/step-row.ts';
import { wordBuild, wordEvaluation, wordStep } from '../builds/wording.ts';

type Item<List extends { items: unknown[] }> = List['items'][number];
type Build = Item<Answer<'listBuilds'>>;
type Step = Item<Answer<'listBuildSteps'>>;
type Evaluation = Answer<'readEvaluation'>;

/** RFC 3339, of seconds since the epoch. */
export const wordTime = (seconds: number): string => new Date(seconds * 1_000).toISOString();

export const wordTimeOrNull = (seconds: number | null): string | null =>
  seconds === null ? null : wordTime(seconds);

export function describeBuild(row: BuildRow): Build {
  const build = wordBuild(row);
  return {
    ...build,
    queuedAt: wordTime(build.queuedAt),
    startedAt: wordTimeOrNull(build.startedAt),
    stoppedAt: wordTimeOrNull(build.stoppedAt),
  };
}

export function describeStep(row: StepRow): Step {
  const step = wordStep(row, true);
  return {
    ...step,
    outputs: [...step.outputs],
    startedAt: wordTimeOrNull(step.startedAt),
    stoppedAt: wordTimeOrNull(step.stoppedAt),
  };
}

export const describeStepOfJob = (row: RunningStepRow): Item<Answer<'listAttempts'>> => ({
  ...describeStep(row),
  ...{ project: row.project, jobset: row.jobset, job: row.job },
});

export function describeEvaluation(row: EvaluationRow): Evaluation {
  const evaluation = wordEvaluation(row);
  return { ...evaluation, evaluatedAt: wordTime(evaluation.evaluatedAt) };
}
