import type { FarmState } from '../farm-state.ts';
import type { BuilderId, Instant } from '../identity.ts';
import { predictMemoryBytes } from '../prediction/prediction.ts';
import { requirementKey } from '../graph/requirement.ts';
import { pathLength } from '../selection/path-length.ts';
import type { Step } from '../graph/step.ts';

/** What is to be built on builders of one kind: a system with features. Times in seconds on a machine of speed 1. */
export type Need = {
  readonly system: string;
  readonly features: readonly string[];
  /** Steps that could start now, and how long they will take one after the other. */
  runnable: number;
  seconds: number;
  /** Since when the longest runnable one has been; null: none is. */
  waitingSince: Instant | null;
  /** What the neediest of them will use, as far as anybody knows. */
  memoryBytes: number;
  /** The longest chain of steps that begins with one of them; 0 where the order in use does not count in time. */
  criticalPathSeconds: number;
  /** Steps that wait for others, and how long they will take. */
  behind: number;
  behindSeconds: number;
};

/** Everything that is left to do, by the kind of builder that it takes. Costs as much as there are runnable steps. */
export function surveyNeeds(farm: FarmState): Need[] {
  const needs = new Map<string, Need>();
  for (const queue of farm.queues.values()) {
    const key = requirementKey(queue.requirement);
    const need = needs.get(key) ?? { ...queue.requirement, ...nothing };
    needs.set(key, need);
    for (const step of queue.entries.keys()) addRunnable(farm, need, step);
    need.behind += queue.members - queue.entries.size;
  }
  for (const { step } of farm.leases.values()) {
    const need = needs.get(requirementKey(step.queue.requirement));
    if (need !== undefined) need.behind -= 1;
  }
  shareWhatIsBehind(farm, [...needs.values()]);
  return [...needs.values()];
}

const nothing = {
  runnable: 0,
  seconds: 0,
  waitingSince: null,
  memoryBytes: 0,
  criticalPathSeconds: 0,
  behind: 0,
  behindSeconds: 0,
};

function addRunnable(farm: FarmState, need: Need, step: Step): void {
  const { state, facts, history, seconds } = step;
  need.runnable += 1;
  need.seconds += seconds;
  const memory = facts.wishes?.memoryBytes ?? predictMemoryBytes(history) ?? 0;
  need.memoryBytes = Math.max(need.memoryBytes, memory);
  if (farm.selection.path !== 'steps') {
    need.criticalPathSeconds = Math.max(need.criticalPathSeconds, pathLength(farm, step));
  }
  if (state.type !== 'runnable') return;
  need.waitingSince ??= state.since;
  if (state.since < need.waitingSince) need.waitingSince = state.since;
}

/** The farm keeps the time of all steps of a system: what is not runnable or leased of it is shared out by number. */
function shareWhatIsBehind(farm: FarmState, needs: readonly Need[]): void {
  for (const [system, ofSystem] of Map.groupBy(needs, ({ system: name }) => name)) {
    let left = farm.loads.get(system)?.seconds ?? 0;
    for (const { step } of farm.leases.values()) {
      if (step.facts.system === system) left -= step.seconds;
    }
    for (const { seconds } of ofSystem) left -= seconds;
    const count = ofSystem.reduce((sum, { behind }) => sum + behind, 0);
    if (count <= 0) continue;
    for (const need of ofSystem) need.behindSeconds = (Math.max(0, left) * need.behind) / count;
  }
}

/** How long each builder still has to do with what it has, one after the other, in seconds of its own. */
export function surveyWork(farm: FarmState): ReadonlyMap<BuilderId, number> {
  const work = new Map<BuilderId, number>();
  for (const { builder, step, startedAt } of farm.leases.values()) {
    const speed = builder.facts.speedFactor > 0 ? builder.facts.speedFactor : 1;
    const left = Math.max(0, step.seconds / speed - (farm.now - startedAt) / 1000);
    work.set(builder.id, (work.get(builder.id) ?? 0) + left);
  }
  return work;
}
