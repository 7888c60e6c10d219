import type { FarmState } from '../farm-state.ts';
import type { BuildFacts } from '../facts.ts';
import type { BuildId, EvaluationId } from '../identity.ts';

/** What goes before everything else. */
export type EmergencySubject =
  | { readonly type: 'build'; readonly build: BuildId }
  | { readonly type: 'evaluation'; readonly evaluation: EvaluationId };

export type Emergency = {
  readonly subject: EmergencySubject;
  /** It does not even wait for what is under way: that is stopped, and begun again later. */
  readonly preempts: boolean;
};

/** Hydra's priorities have 32 bits: beyond them nobody gets without a right of its own. */
const first = 2 ** 33;
const firstAtAnyCost = 2 ** 34;

export function emergencyKey(subject: EmergencySubject): string {
  return subject.type === 'build' ? `build ${subject.build}` : `evaluation ${subject.evaluation}`;
}

/** The build's priority with what an emergency adds to it. */
export function priorityOf(
  farm: FarmState,
  { id, evaluation, globalPriority }: BuildFacts,
): number {
  if (farm.emergencies.size === 0) return globalPriority;
  const own = farm.emergencies.get(`build ${id}`);
  const shared = farm.emergencies.get(`evaluation ${evaluation}`);
  if (own === undefined && shared === undefined) return globalPriority;
  const preempts = own?.preempts === true || shared?.preempts === true;
  return globalPriority + (preempts ? firstAtAnyCost : first);
}

/** What was asked for before an emergency added to it. */
export function askedPriority(priority: number): number {
  if (isFirstAtAnyCost(priority)) return priority - firstAtAnyCost;
  return isFirst(priority) ? priority - first : priority;
}

/** There is an emergency. What was asked for may be negative. */
export function isFirst(priority: number): boolean {
  return priority >= first / 2;
}

export function isFirstAtAnyCost(priority: number): boolean {
  return priority >= firstAtAnyCost - first / 2;
}
