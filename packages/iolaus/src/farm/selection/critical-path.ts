import type { FarmState } from '../farm-state.ts';
import { Heap } from '../queues/heap.ts';
import { rerank } from '../queues/rank.ts';
import type { Step } from '../graph/step.ts';
import { dependentsFirst } from './dependents-first.ts';
import { pathLength } from './path-length.ts';

// Each step knows the length of the longest chain of unfinished steps above it. Steps end only after their inputs, so
// a length rises when dependents come, and falls only when some are given up or their build times were overrated.

/** The steps have new inputs, or are new themselves: what is below them learns of it. */
export function lengthenBelow(farm: FarmState, steps: ReadonlySet<Step>): void {
  const wave = startWave();
  for (const step of dependentsFirst(steps)) {
    const length = pathLength(farm, step);
    for (const input of step.inputs) {
      if (!steps.has(input)) reach(wave, input, length);
      else if (length > input.above) setAbove(farm, input, length);
    }
  }
  raiseAll(farm, wave);
}

/** The step itself has become longer: so have the chains that lead through it. */
export function lengthenInputs(farm: FarmState, step: Step): void {
  const wave = startWave();
  for (const input of step.inputs) reach(wave, input, pathLength(farm, step));
  raiseAll(farm, wave);
}

/** A chain of this length above the steps is no more: where it was the longest, another one is. */
export function shortenSteps(farm: FarmState, steps: Iterable<Step>, former: number): void {
  const wave = startWave();
  for (const step of steps) reach(wave, step, former);
  for (let next = takeNext(wave); next !== undefined; next = takeNext(wave)) {
    const { step } = next;
    if (next.length < step.above) continue;
    const longest = longestAbove(farm, step);
    if (longest === step.above) continue;
    const length = pathLength(farm, step);
    setAbove(farm, step, longest);
    for (const input of step.inputs) reach(wave, input, length);
  }
}

export function longestAbove(farm: FarmState, { dependents }: Step): number {
  let longest = 0;
  for (const dependent of dependents) longest = Math.max(longest, pathLength(farm, dependent));
  return longest;
}

/** Everything is measured anew: lengths are counted in something else. */
export function measureAll(farm: FarmState): void {
  for (const step of farm.steps.values()) step.above = 0;
  lengthenBelow(farm, new Set(farm.steps.values()));
}

function setAbove(farm: FarmState, step: Step, above: number): void {
  step.above = above;
  rerank(farm, step);
}

function raiseAll(farm: FarmState, wave: Wave): void {
  for (let next = takeNext(wave); next !== undefined; next = takeNext(wave)) {
    const { step, length } = next;
    if (length <= step.above) continue;
    setAbove(farm, step, length);
    for (const input of step.inputs) reach(wave, input, pathLength(farm, step));
  }
}

/**
 * Steps that a change has reached, each with the longest chain that led to it. Those with the shortest chain above them
 * come first: all of a step's dependents come before it, so each is looked at once.
 */
type Wave = {
  readonly heap: Heap<{ readonly step: Step; readonly formerly: number }>;
  readonly lengths: Map<Step, number>;
};

function startWave(): Wave {
  return { heap: new Heap((one, other) => one.formerly < other.formerly), lengths: new Map() };
}

function reach({ heap, lengths }: Wave, step: Step, length: number): void {
  const known = lengths.get(step);
  if (known === undefined) heap.add({ step, formerly: step.above });
  if (known === undefined || known < length) lengths.set(step, length);
}

function takeNext({ heap, lengths }: Wave): { step: Step; length: number } | undefined {
  const first = heap.takeFirst();
  if (first === undefined) return undefined;
  const length = lengths.get(first.step);
  if (length === undefined) throw new Error('a step in a wave was reached by it');
  lengths.delete(first.step);
  return { step: first.step, length };
}
