import { addDemand, lowerLowestBuild } from '../queues/demand.ts';
import type { Demand } from '../queues/demand.ts';
import { cancelLease } from '../attempts/attempt.ts';
import type { FarmState } from '../farm-state.ts';
import { takeSequence } from '../farm-state.ts';
import type { StepFacts } from '../facts.ts';
import { buildId } from '../identity.ts';
import { Counts } from './counts.ts';
import { compactOutputs } from './one-output.ts';
import { packageName } from '../prediction/package-name.ts';
import { historyOf, predictSeconds } from '../prediction/prediction.ts';
import { joinQueue } from '../queues/queue.ts';
import { rerank } from '../queues/rank.ts';
import { requirementOf } from './requirement.ts';
import { shortenSteps } from '../selection/critical-path.ts';
import { pathLength } from '../selection/path-length.ts';
import { changeNeed } from '../selection/evaluation.ts';
import { SmallSet } from './small-set.ts';
import type { Step, StepState } from './step.ts';
import { changeStep, enterState } from './step-state.ts';

const waiting: StepState = { type: 'waiting' };
/** Above every build: what a step that nobody asked for has in Hydra. */
const nobody = buildId(2 ** 31 - 1);

/** A step that was not known: unlinked, and asked for by nobody yet. */
export function addStep(farm: FarmState, facts: StepFacts): Step {
  const { retryPlan } = facts;
  const name = packageName(facts.derivation);
  const history = historyOf(farm.predictions, name, facts.system);
  const step: Step = {
    type: 'step',
    facts: keptFacts(facts),
    sequence: takeSequence(farm),
    state: waiting,
    queue: joinQueue(farm, requirementOf(facts), []),
    tries: retryPlan?.tries ?? 0,
    losses: retryPlan?.losses ?? 0,
    lowestBuild: nobody,
    history,
    seconds: predictSeconds(farm.predictions, history),
    above: 0,
    inputBytes: undefined,
    builds: new SmallSet(),
    inputs: new SmallSet(),
    dependents: new SmallSet(),
    demands: new Counts(),
  };
  farm.steps.set(facts.derivation, step);
  if (facts.unfolds === true) farm.folded.add(step);
  if (retryPlan !== undefined) farm.rests.set(step, retryPlan.restsUntil);
  step.queue.load.seconds += step.seconds;
  history.family.steps.add(step);
  enterState(farm, step);
  return step;
}

/** Without the names of its inputs: these are steps themselves, or built, and so many names would take memory twice. */
function keptFacts({ derivation, system, requiredFeatures, ...facts }: StepFacts): StepFacts {
  const { failedBefore } = facts;
  const outputs = compactOutputs(facts.outputs);
  const kept = { derivation, system, requiredFeatures, outputs, inputs: [], failedBefore };
  // Most have neither, and a copy takes more memory.
  if (facts.wishes === undefined && facts.isFixedOutput !== true) return kept;
  return {
    ...kept,
    ...(facts.wishes === undefined ? {} : { wishes: facts.wishes }),
    ...(facts.isFixedOutput === true ? { isFixedOutput: true } : {}),
  };
}

/** The step cannot start before this input is built. */
export function linkInput(farm: FarmState, step: Step, input: Step): void {
  if (step.inputs.has(input)) return;
  step.inputs.add(input);
  input.dependents.add(step);
  for (const demand of step.demands.keys()) addDemand(farm, input, demand);
  lowerLowestBuild(farm, input, step.lowestBuild);
  rerank(farm, input);
}

/** Lets the state follow from the inputs: nothing missing, or something after all. */
export function settleStep(farm: FarmState, step: Step): void {
  const { type } = step.state;
  if (step.inputs.size === 0) {
    if (type === 'waiting') beginStep(farm, step);
  } else if (type === 'runnable' || type === 'backing-off' || type === 'unfolding') {
    changeStep(farm, step, 'input-missed', { type: 'waiting' });
  }
}

/** Nothing is missing: it can start, or it rests on, if an earlier farm had put it to rest. */
function beginStep(farm: FarmState, step: Step): void {
  if (farm.folded.has(step)) {
    changeStep(farm, step, 'inputs-produced', { type: 'unfolding' });
    return;
  }
  const until = farm.rests.get(step);
  farm.rests.delete(step);
  if (until === undefined || until <= farm.now) {
    changeStep(farm, step, 'inputs-built', { type: 'runnable', since: farm.now });
  } else changeStep(farm, step, 'rest-remembered', { type: 'backing-off', until });
}

/** Takes a finished step out of the graph; what only it needed is withdrawn, what waited for it is returned. */
export function unlinkStep(farm: FarmState, step: Step): Step[] {
  const dependents = [...step.dependents];
  for (const dependent of dependents) dependent.inputs.delete(step);
  const inputs = leaveInputs(farm, step);
  for (const input of inputs) {
    for (const demand of step.demands.keys()) withdrawDemand(farm, input, demand);
  }
  step.dependents.clear();
  step.demands.clear();
  return dependents;
}

/** One less of the step's builds and dependents asks this. A step that nobody asks for is forgotten. */
export function withdrawDemand(farm: FarmState, step: Step, demand: Demand): void {
  const reached = [step];
  for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
    const count = next.demands.get(demand);
    if (count === undefined || next.state.type === 'finished') continue;
    if (count > 1) {
      next.demands.set(demand, count - 1);
      continue;
    }
    next.demands.delete(demand);
    changeNeed(next, demand.evaluation, 'ends');
    for (const input of next.inputs) reached.push(input);
    if (next.demands.size === 0) forgetStep(farm, next);
    else rerank(farm, next);
  }
}

/** Nobody needs it: if it is being built, that stops. */
export function forgetStep(farm: FarmState, step: Step): void {
  const { state } = step;
  if (state.type === 'leased') cancelLease(farm, state.lease);
  changeStep(farm, step, 'withdrawn', { type: 'finished' });
  leaveInputs(farm, step);
}

/** No chain leads through the step any more. */
function leaveInputs(farm: FarmState, step: Step): Step[] {
  if (step.inputs.size === 0) return [];
  const inputs = [...step.inputs];
  step.inputs.clear();
  for (const input of inputs) {
    input.dependents.delete(step);
    rerank(farm, input);
  }
  shortenSteps(farm, inputs, pathLength(farm, step));
  return inputs;
}

/** The step and everything that needs it, directly or not; the step first. */
export function stepsAbove(step: Step): Set<Step> {
  // A set goes on to what is added while it is walked through.
  const above = new Set([step]);
  for (const next of above) for (const dependent of next.dependents) above.add(dependent);
  return above;
}
