import type { Build } from './build.ts';
import { addDemand, dropDemand, lowerLowestBuild, takeDemand } from '../queues/demand.ts';
import { failStep } from '../attempts/fail.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuildFacts, StepFacts } from '../facts.ts';
import { addStep, forgetStep, linkInput, settleStep, withdrawDemand } from './graph.ts';
import type { BuildId } from '../identity.ts';
import { continueInherited } from '../attempts/inherit.ts';
import { lengthenBelow } from '../selection/critical-path.ts';
import type { Step } from './step.ts';
import { changeStep } from './step-state.ts';

/** Takes in builds and the unfinished part of their graph. */
export function queueBuilds(
  farm: FarmState,
  builds: readonly BuildFacts[],
  facts: readonly StepFacts[],
): void {
  const steps = addSteps(farm, facts);
  lengthenBelow(farm, steps);
  // In the order of their ids, so that the oldest is known below before the others come.
  for (const build of [...builds].sort((one, other) => one.id - other.id)) addBuild(farm, build);
  for (const step of steps) {
    if (step.demands.size === 0 && step.state.type !== 'finished') forgetStep(farm, step);
  }
  for (const fact of facts) recallResolution(farm, fact);
  for (const step of steps) if (!step.facts.failedBefore) settleStep(farm, step);
  for (const step of steps) if (step.facts.failedBefore) failFailedBefore(farm, step);
  if (farm.inherited.size > 0) for (const step of steps) continueInherited(farm, step);
}

function addSteps(farm: FarmState, facts: readonly StepFacts[]): Set<Step> {
  const steps = new Set<Step>();
  for (const fact of facts) steps.add(farm.steps.get(fact.derivation) ?? addStep(farm, fact));
  for (const { derivation, inputs } of facts) {
    const step = farm.steps.get(derivation);
    if (step === undefined) continue;
    for (const path of inputs) {
      const input = farm.steps.get(path);
      if (input !== undefined) linkInput(farm, step, input);
    }
  }
  return steps;
}

/** An earlier farm had resolved the step: it waits for that other derivation, unless that is gone. Then it is looked at anew. */
function recallResolution(farm: FarmState, { derivation, resolvedInto }: StepFacts): void {
  if (resolvedInto === undefined || !farm.steps.has(resolvedInto)) return;
  const step = farm.steps.get(derivation);
  if (step?.state.type !== 'waiting') return;
  changeStep(farm, step, 'resolution-remembered', { type: 'resolved', into: resolvedInto });
}

/** A build whose step is not known was overtaken by the step's end: it is left out, to be looked at again. */
function addBuild(farm: FarmState, facts: BuildFacts): void {
  const known = farm.builds.get(facts.id);
  if (known !== undefined) {
    changeFacts(farm, known, facts);
    return;
  }
  const step = farm.steps.get(facts.derivation);
  if (step === undefined) return;
  const build: Build = { facts, step, demand: takeDemand(farm, facts) };
  farm.builds.set(facts.id, build);
  step.builds.add(build);
  addDemand(farm, step, build.demand);
  lowerLowestBuild(farm, step, facts.id);
}

/** Up or down: the steps below have their new place at once. */
export function reprioritise(farm: FarmState, id: BuildId, globalPriority: number): void {
  const build = farm.builds.get(id);
  if (build !== undefined) changeFacts(farm, build, { ...build.facts, globalPriority });
}

function changeFacts(farm: FarmState, build: Build, facts: BuildFacts): void {
  const { globalPriority, localPriority } = facts;
  build.facts = { ...build.facts, globalPriority, localPriority };
  refreshDemand(farm, build);
}

/** What the build asks follows from its facts, and from whether there is an emergency. */
export function refreshDemand(farm: FarmState, build: Build): void {
  const former = build.demand;
  build.demand = takeDemand(farm, build.facts);
  if (build.demand !== former) {
    // First the new one, so that nobody seems unneeded in between.
    addDemand(farm, build.step, build.demand);
    withdrawDemand(farm, build.step, former);
  }
  dropDemand(farm, former);
}

/** Hydra's cached failure: what failed before is not tried again. */
function failFailedBefore(farm: FarmState, step: Step): void {
  if (step.state.type === 'finished') return;
  failStep(farm, step, {
    change: 'failed-before',
    outcome: 'cached-failure',
    message: null,
    hostname: '',
    charged: null,
    propagatedFrom: null,
    startedAt: farm.now,
  });
}
