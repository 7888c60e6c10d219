import type { FarmState } from '../farm-state.ts';
import type { Step } from '../graph/step.ts';
import type { JobsetId } from '../identity.ts';
import { jobsetsOf } from '../queues/demand.ts';
import type { Queue } from '../queues/queue.ts';
import { surveyStep } from './survey-steps.ts';
import type { SurveyedStep } from './survey-steps.ts';
import { whyWaiting } from './why-waiting.ts';
import type { WhyWaiting } from './why-waiting.ts';

/** An unfinished step as people look for it: also why it is where it is, and on whose behalf. */
export type QueuedStep = SurveyedStep & {
  readonly reason: WhyWaiting['type'];
  readonly jobsets: readonly JobsetId[];
  /** How long it is expected to take on a machine of speed 1. */
  readonly seconds: number;
};

/** All steps, in no order. What a step waits for is found once for all that stand in the same queue. */
export function* surveyQueue(farm: FarmState): Generator<QueuedStep> {
  const reasons = new Map<Queue, WhyWaiting['type']>();
  const reasonOf = (step: Step): WhyWaiting['type'] => {
    if (step.state.type === 'waiting') return 'inputs';
    if (step.state.type !== 'runnable') return whyWaiting(farm, step).type;
    const known = reasons.get(step.queue) ?? whyWaiting(farm, step).type;
    reasons.set(step.queue, known);
    return known;
  };
  for (const step of farm.steps.values()) {
    const surveyed = surveyStep(farm, step);
    if (surveyed === null) continue;
    const { seconds } = step;
    yield { ...surveyed, reason: reasonOf(step), jobsets: jobsetsOf(step), seconds };
  }
}
