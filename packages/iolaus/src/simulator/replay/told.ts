import { parseBaseName } from '@iolaus/nix';
import type { BuildFacts, BuildResult, StepFacts } from '../../farm/facts.ts';
import { buildId, evaluationId, jobsetId } from '../../farm/identity.ts';
import { stepAt } from './workload.ts';
import type { Workload } from './workload.ts';

const somewhere = parseBaseName('00000000000000000000000000000000-output');
const oneOutput: StepFacts['outputs'] = new Map([['out', null]]);

/** What came out of a step is of no interest here. */
export const emptyResult: BuildResult = {
  outputs: new Map([['out', { path: somewhere, narSize: 1, closureSize: 1 }]]),
  failedMarker: false,
  releaseName: null,
  products: [],
  metrics: [],
};

/** The step as a farm is told of it: its build time is for the farm to find out. */
export function stepFactsOf(workload: Workload, place: number): StepFacts {
  const { derivation, system, requiredFeatures, inputs } = stepAt(workload, place);
  return {
    derivation,
    system,
    requiredFeatures,
    outputs: oneOutput,
    inputs: inputs.map((input) => stepAt(workload, input).derivation),
    failedBefore: false,
  };
}

export function buildsOf(
  workload: Workload,
  places: readonly number[],
  which: { readonly first: number; readonly jobset: number; readonly index: number },
): BuildFacts[] {
  return places.map((place, offset) => ({
    id: buildId(which.first + offset),
    derivation: stepAt(workload, place).derivation,
    jobset: jobsetId(which.jobset),
    evaluation: evaluationId(which.index + 1),
    globalPriority: 0,
    localPriority: 100,
    maxSilentSeconds: null,
    timeoutSeconds: null,
  }));
}
