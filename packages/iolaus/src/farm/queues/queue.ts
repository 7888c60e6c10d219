import { whyClosed } from '../builders/builder.ts';
import type { Builder } from '../builders/builder.ts';
import type { FarmState } from '../farm-state.ts';
import { IndexedHeap } from './heap.ts';
import type { Instant } from '../identity.ts';
import { canBuild, requirementKey } from '../graph/requirement.ts';
import type { Requirement } from '../graph/requirement.ts';
import type { Entry } from './rank.ts';
import type { Lane } from '../selection/lane.ts';
import type { Group } from '../selection/policy.ts';
import { loadOf } from '../selection/system-load.ts';
import type { SystemLoad } from '../selection/system-load.ts';
import type { Step } from '../graph/step.ts';

/** Steps that exactly the same builders can build, and those builders. It lives as long as it has a step. */
export type Queue = {
  readonly type: 'queue';
  readonly key: string;
  readonly requirement: Requirement;
  /** All that there is to do for the system. */
  readonly load: SystemLoad;
  /** Hosts on which its steps went wrong: they get them only if nobody else can take them. */
  readonly avoided: readonly string[];
  /** Steps that belong here, whatever their state. */
  members: number;
  /** Joined and capable, whether they have room or not. */
  readonly builders: Set<Builder>;
  /** Those of them that take a step now, the one to be chosen first. */
  openings: IndexedHeap<Builder>;
  /** The runnable steps, the longest runnable first. */
  readonly entries: Map<Step, Entry>;
  /** The same by the groups in whose name they wait, each lane in the order of turns; a step is in the lanes of all its groups. */
  readonly lanes: Map<Group, Lane>;
  /** Since when no capable builder has been there. */
  unsupportedSince: Instant | undefined;
};

/** Finds or makes the queue for a new member. */
export function joinQueue(
  farm: FarmState,
  requirement: Requirement,
  avoided: readonly string[],
): Queue {
  const key = JSON.stringify([requirementKey(requirement), avoided]);
  const queue = farm.queues.get(key) ?? openQueue(farm, key, requirement, avoided);
  queue.members += 1;
  return queue;
}

/** A queue without members is forgotten. */
export function leaveQueue(farm: FarmState, queue: Queue): void {
  queue.members -= 1;
  if (queue.members > 0) return;
  farm.queues.delete(queue.key);
  farm.deadlines.clear(queue);
  for (const builder of queue.builders) builder.queues.delete(queue);
}

function openQueue(
  farm: FarmState,
  key: string,
  requirement: Requirement,
  avoided: readonly string[],
): Queue {
  const queue: Queue = {
    type: 'queue',
    key,
    requirement,
    load: loadOf(farm, requirement.system),
    avoided,
    members: 0,
    builders: new Set(),
    openings: new IndexedHeap((one, other) => farm.placement.comesBefore(one, other)),
    entries: new Map(),
    lanes: new Map(),
    unsupportedSince: farm.now,
  };
  farm.queues.set(key, queue);
  for (const builder of farm.builders.values()) admitBuilder(farm, queue, builder);
  return queue;
}

/** The builder has joined, or the queue is new. */
export function admitBuilder(farm: FarmState, queue: Queue, builder: Builder): void {
  if (!canBuild(builder.facts, queue.requirement)) return;
  queue.builders.add(builder);
  builder.queues.add(queue);
  queue.unsupportedSince = undefined;
  farm.deadlines.clear(queue);
  refreshOpenings(farm, queue);
}

export function dismissBuilder(farm: FarmState, queue: Queue, builder: Builder): void {
  queue.builders.delete(builder);
  queue.openings.remove(builder);
  builder.queues.delete(queue);
  if (queue.builders.size === 0) queue.unsupportedSince = farm.now;
  refreshOpenings(farm, queue);
}

/** The builder's load has changed: nothing but its own place is affected. */
export function refreshLoad(farm: FarmState, builder: Builder): void {
  for (const queue of builder.queues) {
    refreshOpening(queue, builder);
    refreshReadiness(farm, queue);
  }
}

/** The builder has become fit for work, or unfit: where hosts are avoided, others may step in for it. */
export function refreshFitness(farm: FarmState, builder: Builder): void {
  for (const queue of builder.queues) {
    if (queue.avoided.length > 0) refreshOpenings(farm, queue);
    else refreshOpening(queue, builder);
    refreshReadiness(farm, queue);
  }
}

export function refreshOpenings(farm: FarmState, queue: Queue): void {
  for (const builder of queue.builders) refreshOpening(queue, builder);
  refreshReadiness(farm, queue);
}

function refreshOpening(queue: Queue, builder: Builder): void {
  if (takesStep(queue, builder)) queue.openings.put(builder);
  else queue.openings.remove(builder);
}

/** The builder would take a step of this queue now. */
export function takesStep(queue: Queue, builder: Builder): boolean {
  if (whyClosed(builder) !== null || !builder.placement.hasRoom(builder)) return false;
  return isWelcome(queue, builder);
}

/** Nobody else could take its steps, or they did not go wrong there. */
export function isWelcome(queue: Queue, builder: Builder): boolean {
  return (
    !isAvoided(queue, builder) ||
    !queue.builders.values().some((other) => isAlternative(queue, other))
  );
}

function isAlternative(queue: Queue, builder: Builder): boolean {
  return whyClosed(builder) === null && builder.facts.slots > 0 && !isAvoided(queue, builder);
}

function isAvoided(queue: Queue, builder: Builder): boolean {
  return queue.avoided.includes(builder.facts.hostname);
}

/** Only queues with both a step and an opening are looked at when work is given out. */
export function refreshReadiness(farm: FarmState, queue: Queue): void {
  if (queue.entries.size > 0 && queue.openings.size > 0) farm.ready.add(queue);
  else farm.ready.delete(queue);
}
