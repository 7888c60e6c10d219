import type { FarmState } from '../farm-state.ts';
import { shareUsed } from '../queues/jobset.ts';
import type { Jobset } from '../queues/jobset.ts';
import type { Entry } from '../queues/rank.ts';
import { evaluationsOf, secondsLeftOf } from './evaluation.ts';
import type { Evaluation } from './evaluation.ts';
import { everybody } from './everybody.ts';
import type { SelectionPolicy } from './policy.ts';
import { secondsLeft } from './system-load.ts';

/** A chain this much shorter than all that is left may still turn out to be what everybody waits for. */
const caution = 1.3;
/** An evaluation that has waited longer than so many times what it needs comes nearer with the square of it. */
const patience = 4;
/** How far a jobset's use of its share can move its evaluations forward or back. */
const shareFactorMax = 8;
/** Shares used are compared as of some seconds ago: they change slowly. */
const shareMemoryMilliseconds = 5_000;

/**
 * Between evaluations the one that can be done soonest comes first: that makes the mean wait the shortest, and the rest
 * no later. What its jobset has used of its share weighs, and so does how long it has waited. Within an evaluation the
 * longest predicted chain comes first. Before them all come steps without slack: those with a chain above them that
 * takes as long as all that is left to do, since whatever else is done first makes the whole longer.
 */
export const twoLevelPolicy: SelectionPolicy = {
  name: 'TwoLevel',
  path: 'seconds',
  groupsOf: (step) => [...evaluationsOf(step), everybody],
  orderOf: (group) => (group.type === 'everybody' ? hasLongerPath : isMoreUrgent),
  isMoreUrgent,
  claim(farm, group, entry) {
    if (group.type === 'everybody') return hasSlack(farm, entry) ? Infinity : 0;
    return group.type === 'evaluation' ? claimOf(farm, group) : Infinity;
  },
};

/** The wish of a jobset's author comes before what is quickest. */
function isMoreUrgent(one: Entry, other: Entry): boolean {
  if (one.globalPriority !== other.globalPriority) return one.globalPriority > other.globalPriority;
  if (one.localPriority !== other.localPriority) return one.localPriority > other.localPriority;
  if (one.pathLength !== other.pathLength) return one.pathLength > other.pathLength;
  if (one.lowestBuild !== other.lowestBuild) return one.lowestBuild < other.lowestBuild;
  return one.step.sequence < other.step.sequence;
}

function hasLongerPath(one: Entry, other: Entry): boolean {
  if (one.globalPriority !== other.globalPriority) return one.globalPriority > other.globalPriority;
  if (one.pathLength !== other.pathLength) return one.pathLength > other.pathLength;
  return isMoreUrgent(one, other);
}

function hasSlack(farm: FarmState, { step, pathLength }: Entry): boolean {
  return pathLength * caution < secondsLeft(farm, step.queue.load);
}

/** Seconds that are left of the evaluation, less for one that has waited long or used little of its share. */
function claimOf(farm: FarmState, evaluation: Evaluation): number {
  const left = Math.max(secondsLeftOf(farm, evaluation), 1);
  const waited = (farm.now - evaluation.since) / 1000 / (patience * left);
  return (left * shareFactor(farm, evaluation.jobset)) / Math.max(waited, 1) ** 2;
}

/** How much more than the farm's mean the jobset has used for its shares. */
function shareFactor(farm: FarmState, jobset: Jobset): number {
  const mean = meanShareUsed(farm);
  if (mean === 0) return 1;
  const factor = shareUsed(jobset, farm.now) / mean;
  return Math.min(Math.max(factor, 1 / shareFactorMax), shareFactorMax);
}

function meanShareUsed(farm: FarmState): number {
  const { usage } = farm;
  if (farm.now - usage.at < shareMemoryMilliseconds) return usage.mean;
  let sum = 0;
  for (const jobset of farm.jobsets.values()) sum += shareUsed(jobset, farm.now);
  usage.at = farm.now;
  usage.mean = farm.jobsets.size === 0 ? 0 : sum / farm.jobsets.size;
  return usage.mean;
}
