import type { FarmState } from '../farm-state.ts';
import type { Instant } from '../identity.ts';
import type { Step } from '../graph/step.ts';

/** What is remembered of a step that was tried in vain, so that a farm that begins afresh goes on where this one was. */
export type RetryPlan = {
  readonly tries: number;
  readonly losses: number;
  /** Not before; it may have passed. */
  readonly restsUntil: Instant;
};

/** Has the plan recorded. */
export function planRetry(farm: FarmState, step: Step, restsUntil: Instant): void {
  const { facts, tries, losses } = step;
  farm.effects.push({
    type: 'plan-retry',
    derivation: facts.derivation,
    plan: { tries, losses, restsUntil },
  });
}

/** The step is done with: its next life begins anew. */
export function dropRetryPlan(farm: FarmState, { facts, tries, losses }: Step): void {
  if (tries + losses > 0)
    farm.effects.push({ type: 'drop-retry-plan', derivation: facts.derivation });
}
