import type { Event } from '../event.ts';
import type { FarmState } from '../farm-state.ts';
import { refreshFitness } from '../queues/queue.ts';
import { returnAhead } from './turnover.ts';

/** What a person wants of a host: `paused` gets nothing more for now; `draining` also gives back what it has not begun. */
export type HostHold = 'paused' | 'draining';

/** `lasts`: for a farm that follows this one, too. A hold that does not takes the place of one that does. */
export function holdHost(farm: FarmState, { hostname, hold, lasts }: Event<'host-held'>): void {
  if (lasts) farm.effects.push({ type: 'keep-hold', hostname, hold });
  else if (farm.holds.has(hostname)) farm.effects.push({ type: 'drop-hold', hostname });
  applyHold(farm, hostname, hold);
}

/** Counts for every builder on the host, also for one that joins later. */
export function applyHold(farm: FarmState, hostname: string, hold: HostHold): void {
  farm.holds.set(hostname, hold);
  tellBuilders(farm, hostname, hold);
}

export function releaseHost(farm: FarmState, hostname: string): void {
  farm.holds.delete(hostname);
  farm.effects.push({ type: 'drop-hold', hostname });
  tellBuilders(farm, hostname, undefined);
}

function tellBuilders(farm: FarmState, hostname: string, hold: HostHold | undefined): void {
  for (const builder of farm.builders.values()) {
    if (builder.facts.hostname !== hostname) continue;
    builder.hold = hold;
    refreshFitness(farm, builder);
    // One that is away cannot tell what it has begun.
    if (hold === 'draining' && builder.awayUntil === undefined) returnAhead(farm, builder);
  }
}
