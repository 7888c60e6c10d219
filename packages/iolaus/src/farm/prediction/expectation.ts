import type { FarmState } from '../farm-state.ts';
import type { AttemptTimes, AttemptUse } from '../facts.ts';
import type { Lease } from '../attempts/lease.ts';
import { lengthenInputs, shortenSteps } from '../selection/critical-path.ts';
import { pathLength } from '../selection/path-length.ts';
import { changeSeconds } from '../selection/evaluation.ts';
import { rerank } from '../queues/rank.ts';
import type { Step } from '../graph/step.ts';
import { keepNeeds } from './package-needs.ts';
import { learn, predictSeconds } from './prediction.ts';
import type { Family } from './prediction.ts';

/** What is expected of a step is changed only for a prediction this much off: it moves everything below the step. */
const tolerated = 1.5;

/** The attempt has shown what its step needs. A builder's clock is not trusted beyond the time that has passed. */
export function learnFrom(farm: FarmState, { step, builder, startedAt }: Lease, used: Used): void {
  const elapsed = farm.now - startedAt;
  const milliseconds = Math.min(used.buildMilliseconds, elapsed);
  const speed = builder.facts.speedFactor > 0 ? builder.facts.speedFactor : 1;
  const { cpuMilliseconds, peakMemoryBytes } = used;
  const cores = cpuMilliseconds == null ? undefined : cpuMilliseconds / Math.max(milliseconds, 1);
  const seconds = (milliseconds / 1000) * speed;
  learn(farm.predictions, step.history, { seconds, cores, peakMemoryBytes });
  if (cores !== undefined || peakMemoryBytes != null) keepNeeds(farm, step);
  reconsider(farm, step.history.family);
}

type Used = Pick<AttemptTimes, 'buildMilliseconds'> & Partial<AttemptUse>;

/** Steps of the family that are far from what is known of it now get a new prediction. */
export function reconsider(farm: FarmState, family: Family): void {
  if (family.seconds === undefined) return;
  const { mean } = family.seconds;
  if (Math.abs(mean - family.toldMean) < Math.log(tolerated)) return;
  family.toldMean = mean;
  for (const step of family.steps) {
    const seconds = predictSeconds(farm.predictions, step.history);
    const ratio = seconds / step.seconds;
    if (ratio > tolerated || ratio < 1 / tolerated) expect(farm, step, seconds);
  }
}

function expect(farm: FarmState, step: Step, seconds: number): void {
  const former = pathLength(farm, step);
  changeSeconds(step, seconds);
  const length = pathLength(farm, step);
  if (length > former) lengthenInputs(farm, step);
  else if (length < former) shortenSteps(farm, step.inputs, former);
  rerank(farm, step);
}
