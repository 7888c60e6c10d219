import type { Builder } from './builder.ts';
import { watchBuilder } from './builder-watch.ts';
import type { FarmState } from '../farm-state.ts';
import { instant } from '../identity.ts';
import type { Lease } from '../attempts/lease.ts';
import { refreshFitness } from '../queues/queue.ts';

/** One fault can be the step's or the network's; from the second in a row on the builder rests. */
const faultsForFree = 1;
/** The rest grows no further after so many: with Hydra's settings at 27 minutes. */
const growingRestsMax = 4;

/**
 * A builder that fails everything at full speed would use up the tries of every step that it is offered; so it rests
 * for the time that a step would. Attempts that were under way when it failed last tell nothing new.
 */
export function noteFault(farm: FarmState, { builder, startedAt }: Lease): void {
  if (startedAt < builder.faultsCountFrom) return;
  builder.faults += 1;
  builder.faultsCountFrom = farm.now;
  rest(farm, builder);
}

/** What went wrong on these hosts went well elsewhere: that was not the step's fault. */
export function noteBlame(farm: FarmState, hostnames: readonly string[]): void {
  if (hostnames.length === 0) return;
  for (const builder of farm.builders.values()) {
    if (!hostnames.includes(builder.facts.hostname) || builder.faults === 0) continue;
    builder.blames += 1;
    // One that rests already will rest longer next time.
    if (builder.pausedUntil === undefined) rest(farm, builder);
  }
}

/** The more speaks against the builder, the longer it rests; its first step after that is a trial. */
function rest(farm: FarmState, builder: Builder): void {
  const evidence = builder.faults + builder.blames - faultsForFree;
  const rests = Math.min(evidence, growingRestsMax);
  const { retryIntervalSeconds, retryBackoff } = farm.settings;
  if (rests < 1 || retryIntervalSeconds === 0) return;
  const seconds = Math.trunc(retryIntervalSeconds * retryBackoff ** (rests - 1));
  builder.pausedUntil = instant(farm.now + 1000 * seconds);
  builder.onTrial = true;
  watchBuilder(farm, builder);
  refreshFitness(farm, builder);
}

/** It has rested: one step shows whether it works again. */
export function endPause(farm: FarmState, builder: Builder): void {
  builder.pausedUntil = undefined;
  refreshFitness(farm, builder);
}

/** A person has looked after the host: its builders rest no longer, and what they have under way tells nothing new. */
export function pardonHost(farm: FarmState, hostname: string): void {
  for (const builder of farm.builders.values()) {
    if (builder.facts.hostname !== hostname) continue;
    builder.faultsCountFrom = farm.now;
    builder.pausedUntil = undefined;
    watchBuilder(farm, builder);
    clearFaults(farm, builder);
  }
}

/** It has done what it should. */
export function clearFaults(farm: FarmState, builder: Builder): void {
  builder.faults = 0;
  builder.blames = 0;
  if (!builder.onTrial) return;
  builder.onTrial = false;
  refreshFitness(farm, builder);
}
