import type { Demand } from '../queues/demand.ts';
import type { BuildFacts } from '../facts.ts';
import type { Step } from './step.ts';

/** An unfinished build. */
export type Build = {
  facts: BuildFacts;
  readonly step: Step;
  demand: Demand;
};
