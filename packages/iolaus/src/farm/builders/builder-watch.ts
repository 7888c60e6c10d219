import type { Builder } from './builder.ts';
import type { FarmState } from '../farm-state.ts';
import { instant } from '../identity.ts';
import type { Instant } from '../identity.ts';
import type { Lease } from '../attempts/lease.ts';

/**
 * What a builder took ahead comes next when one of its slots falls free. If none has for ten seconds, it has long
 * builds in all of them, and others may be faster; a transfer costs far less than ten seconds.
 */
export const stallMilliseconds = 10_000;

/**
 * Leases that wait at the builder until a slot falls free. It begins with what it was given first, as a rule, and tells what
 * it has begun if that lasts.
 */
export function aheadLeases({ leases, facts, placement }: Builder): Lease[] {
  if (leases.size <= facts.slots || placement.capacity === 'Dynamic') return [];
  const waiting = [...leases].filter(({ hasBegun }) => !hasBegun);
  const begun = leases.size - waiting.length;
  // After a restart leases are found in the order of the graph, not as they were given.
  const inOrder = waiting.sort((one, other) => one.attempt - other.attempt);
  return inOrder.slice(Math.max(facts.slots - begun, 0));
}

/** When the builder will have had steps ahead without finishing anything for too long; undefined if it has none. */
export function stallsAt(builder: Builder): Instant | undefined {
  // It cannot tell what it has begun.
  if (builder.awayUntil !== undefined) return undefined;
  const [oldest] = aheadLeases(builder);
  if (oldest === undefined) return undefined;
  return instant(Math.max(oldest.startedAt, builder.lastEnd) + stallMilliseconds);
}

/**
 * A step was given to the builder: if it took it ahead, somebody has to look whether it gets to it. A look that is too
 * early leads to another one, so that not every attempt that ends moves the farm's alarm.
 */
export function watchAhead(farm: FarmState, builder: Builder): void {
  if (builder.leases.size <= builder.facts.slots || builder.lookAt !== undefined) return;
  builder.lookAt = stallsAt(builder);
  watchBuilder(farm, builder);
}

/** It began something out of turn: what it passed over has waited for longer than what is looked for. */
export function watchPassedOver(farm: FarmState, builder: Builder): void {
  if (builder.lookAt === undefined) return;
  const at = stallsAt(builder);
  if (at === undefined || at >= builder.lookAt) return;
  builder.lookAt = at;
  watchBuilder(farm, builder);
}

/** One deadline stands for the end of its pause, the looks at what it took ahead and at its pings, and the end of the patience with it. */
export function watchBuilder(farm: FarmState, builder: Builder): void {
  const {
    pausedUntil = Infinity,
    lookAt = Infinity,
    awayUntil = Infinity,
    listenAt = Infinity,
  } = builder;
  const at = Math.min(pausedUntil, lookAt, awayUntil, listenAt);
  if (at === Infinity) farm.deadlines.clear(builder);
  else farm.deadlines.set(builder, instant(at));
}
