import type { FarmState } from '../farm-state.ts';
import type { Check } from '../promises/promises.ts';
import { longestAbove } from './critical-path.ts';
import { evaluationsOf } from './evaluation.ts';
import type { Evaluation } from './evaluation.ts';
import type { SystemLoad } from './system-load.ts';

/** Sums of many fractions that come and go are not exact. */
const toleratedSeconds = 1e-3;

/** Whether lengths of chains and sums of build times are what measuring them afresh would give. */
export function checkSelection(farm: FarmState, check: Check): void {
  const loads = new Map<SystemLoad, number>();
  const evaluations = new Map<Evaluation, number>();
  const add = <Key>(sums: Map<Key, number>, key: Key, seconds: number) =>
    sums.set(key, (sums.get(key) ?? 0) + seconds);
  for (const step of farm.steps.values()) {
    const { derivation } = step.facts;
    check(step.above === longestAbove(farm, step), () => `${derivation} mistakes what is above it`);
    check(
      step.history.family.steps.has(step),
      () => `${derivation} would not hear of what is learned of its package`,
    );
    add(loads, step.queue.load, step.seconds);
    for (const evaluation of evaluationsOf(step)) add(evaluations, evaluation, step.seconds);
  }
  for (const load of farm.loads.values()) {
    const isRight = Math.abs(load.seconds - (loads.get(load) ?? 0)) < toleratedSeconds;
    check(isRight, () => `what is to do for ${load.system} is summed up wrongly`);
  }
  for (const evaluation of farm.evaluations.values()) {
    const sum = evaluation.seconds.values().reduce((total, seconds) => total + seconds, 0);
    const isRight = Math.abs(sum - (evaluations.get(evaluation) ?? 0)) < toleratedSeconds;
    check(isRight, () => `what is left of evaluation ${evaluation.key} is summed up wrongly`);
  }
}
