import type { Builder } from './builder.ts';
import { watchBuilder } from './builder-watch.ts';
import type { FarmState } from '../farm-state.ts';
import { instant } from '../identity.ts';
import type { Instant } from '../identity.ts';
import { refreshFitness } from '../queues/queue.ts';

/** How many times the silence that closes a builder has to last before its attempts are given up. */
const patience = 3;

/** The builder was heard. */
export function noteHeard(farm: FarmState, builder: Builder): void {
  builder.heardAt = farm.now;
  if (builder.isSilent) {
    builder.isSilent = false;
    refreshFitness(farm, builder);
  }
  listen(farm, builder);
}

/** Sees to it that somebody looks when it has been silent for too long. A look that is too early leads to another one. */
export function listen(farm: FarmState, builder: Builder): void {
  const at = silentAt(farm, builder);
  if (at === undefined || (builder.listenAt !== undefined && builder.listenAt <= at)) return;
  builder.listenAt = at;
  watchBuilder(farm, builder);
}

/** When the silence will have been too long; undefined where there is no limit, or where the tunnel is gone: then `awayUntil` counts. */
export function silentAt({ settings }: FarmState, builder: Builder): Instant | undefined {
  const { silentBuilderSeconds } = settings;
  if (silentBuilderSeconds === undefined || builder.awayUntil !== undefined) return undefined;
  const times = builder.isSilent ? patience : 1;
  return instant(builder.heardAt + 1000 * silentBuilderSeconds * times);
}
