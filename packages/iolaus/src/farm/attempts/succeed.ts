import { finishAttempt } from './attempt.ts';
import { clearFaults, noteBlame } from '../builders/builder-fault.ts';
import { endBuild, inOrder } from '../graph/end-build.ts';
import type { FarmState } from '../farm-state.ts';
import type { Event } from '../event.ts';
import type { BuildResult, StepFacts } from '../facts.ts';
import { settleStep, unlinkStep } from '../graph/graph.ts';
import type { JobsetId } from '../identity.ts';
import type { Lease } from './lease.ts';
import { jobsetsOf } from '../queues/demand.ts';
import { noteWhereabouts } from '../placement/whereabouts.ts';
import { learnFrom } from '../prediction/expectation.ts';
import { postpone } from './retry.ts';
import type { Step } from '../graph/step.ts';
import { changeStep } from '../graph/step-state.ts';

/** A builder says that it is done. Nothing is marked finished before its answer fits the derivation. */
export function acceptResult(
  farm: FarmState,
  lease: Lease,
  event: Event<'attempt-succeeded'>,
): void {
  const { result, times, use, cached = false } = event;
  const problem = findMismatch(lease.step.facts, result);
  if (problem !== null) {
    postpone(farm, lease, { message: problem, times, builderAtFault: true, mayHaveBegun: true });
    return;
  }
  clearFaults(farm, lease.builder);
  noteBlame(farm, lease.step.queue.avoided);
  finishAttempt(farm, lease, { outcome: 'succeeded', times, result });
  if (!cached) learnFrom(farm, lease, { ...times, ...use });
  changeStep(farm, lease.step, 'succeeded', { type: 'finished' });
  completeStep(farm, lease.step, { result, lease, cached, jobsets: jobsetsOf(lease.step) });
}

/** The outputs turned up without an attempt. While one is under way only that one can finish the step. */
export function acceptFound(farm: FarmState, step: Step, result: BuildResult): void {
  if (step.state.type === 'leased' || findMismatch(step.facts, result) !== null) return;
  changeStep(farm, step, 'found-built', { type: 'finished' });
  completeStep(farm, step, { result, lease: null, cached: true, jobsets: jobsetsOf(step) });
}

type Completion = {
  readonly result: BuildResult;
  /** Null: nobody was asked to build it. */
  readonly lease: Lease | null;
  /** Nobody had to build it. */
  readonly cached: boolean;
  readonly jobsets: readonly JobsetId[];
};

function completeStep(farm: FarmState, step: Step, completion: Completion): void {
  const { result, lease, cached, jobsets } = completion;
  if (lease !== null) noteWhereabouts(step, result, lease.builder.facts.hostname);
  const { derivation } = step.facts;
  for (const dependent of unlinkStep(farm, step)) {
    const { state } = dependent;
    if (state.type === 'resolved' && state.into === derivation) {
      changeStep(farm, dependent, 'resolution-built', { type: 'finished' });
      completeStep(farm, dependent, completion);
    } else settleStep(farm, dependent);
  }
  for (const build of inOrder(step.builds)) {
    farm.effects.push({
      type: 'succeed-build',
      build: build.facts.id,
      jobsets,
      derivation: step.facts.derivation,
      result,
      cached: cached || lease?.build !== build.facts.id,
      startedAt: lease?.startedAt ?? farm.now,
      stoppedAt: farm.now,
    });
    endBuild(farm, build);
  }
}

/** What is wrong with a result: each output of the derivation must be there, under the path that is known. */
function findMismatch({ derivation, outputs }: StepFacts, result: BuildResult): string | null {
  for (const [name, path] of outputs) {
    const built = result.outputs.get(name);
    if (built === undefined) return `the builder reported no output ${name} of ${derivation}`;
    if (path !== null && built.path !== path) {
      return `the builder reported output ${name} of ${derivation} as ${built.path}; it must be ${path}`;
    }
  }
  return null;
}
