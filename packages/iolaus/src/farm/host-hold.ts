import type { FarmState } from './farm-state.ts';
import { refreshFitness } from './queue.ts';
import { returnAhead } from './turnover.ts';

/** What a person wants of a host: `paused` gets nothing more for now; `draining` also gives back what it has not begun. */
export type HostHold = 'paused' | 'draining';

/** Counts for every builder on the host, also for one that joins later. */
export function holdHost(farm: FarmState, hostname: string, hold: HostHold): void {
  farm.holds.set(hostname, hold);
  applyHold(farm, hostname, hold);
}

export function releaseHost(farm: FarmState, hostname: string): void {
  farm.holds.delete(hostname);
  applyHold(farm, hostname, undefined);
}

function applyHold(farm: FarmState, hostname: string, hold: HostHold | undefined): void {
  for (const builder of farm.builders.values()) {
    if (builder.facts.hostname !== hostname) continue;
    builder.hold = hold;
    refreshFitness(farm, builder);
    // One that is away cannot tell what it has begun.
    if (hold === 'draining' && builder.awayUntil === undefined) returnAhead(farm, builder);
  }
}
