import type { FarmState } from '../farm-state.ts';
import { takeSequence } from '../farm-state.ts';
import type { BuilderFacts, BuilderHealth } from '../facts.ts';
import { instant } from '../identity.ts';
import type { BuilderId } from '../identity.ts';
import type { Builder } from './builder.ts';
import { abandonInherited, inheritedBy } from '../attempts/inherited.ts';
import { admitBuilder, dismissBuilder, refreshFitness } from '../queues/queue.ts';
import { loseAttempt } from '../attempts/retry.ts';
import { recountSpeed } from '../selection/system-load.ts';
import { listen, noteHeard } from './silence.ts';
import { watchSupport } from './support.ts';

/** A tunnel was opened. A second one under the same id takes the place of the first. */
export function joinBuilder(farm: FarmState, id: BuilderId, facts: BuilderFacts): void {
  leaveBuilder(farm, id);
  const builder = newBuilder(farm, id, facts);
  farm.builders.set(id, builder);
  listen(farm, builder);
  for (const queue of farm.queues.values()) admitBuilder(farm, queue, builder);
}

/** Known to nobody yet. */
export function newBuilder(farm: FarmState, id: BuilderId, facts: BuilderFacts): Builder {
  recountSpeed(farm);
  return {
    type: 'builder',
    id,
    facts,
    sequence: takeSequence(farm),
    health: undefined,
    placement: farm.placement,
    leases: new Set(),
    queues: new Set(),
    faults: 0,
    faultsCountFrom: instant(-Infinity),
    pausedUntil: undefined,
    blames: 0,
    onTrial: false,
    hold: farm.holds.get(facts.hostname),
    heardAt: farm.now,
    isSilent: false,
    listenAt: undefined,
    isBrisk: false,
    pace: Infinity,
    lastEnd: instant(-Infinity),
    lastEnds: 0,
    lookAt: undefined,
    awayUntil: undefined,
    brought: 0,
    unmet: 0,
  };
}

/** The builder tells how much space it has: it may become fit for work, or unfit. */
export function noteHealth(farm: FarmState, id: BuilderId, health: BuilderHealth): void {
  const builder = farm.builders.get(id);
  if (builder === undefined) return;
  // A ping that does not tell of the load takes nothing back.
  builder.health = { ...builder.health, ...health };
  refreshFitness(farm, builder);
  noteHeard(farm, builder);
}

/** The tunnel is gone, and with it all that the builder was doing under it. */
export function leaveBuilder(farm: FarmState, id: BuilderId): void {
  const builder = farm.builders.get(id);
  if (builder === undefined) return;
  farm.builders.delete(id);
  farm.deadlines.clear(builder);
  dismissFromQueues(farm, builder);
  for (const lease of builder.leases) loseAttempt(farm, lease, 'the builder was lost');
  for (const inherited of inheritedBy(farm, id)) {
    abandonInherited(farm, inherited, 'aborted', 'the builder was lost');
  }
}

export function dismissFromQueues(farm: FarmState, builder: Builder): void {
  recountSpeed(farm);
  for (const queue of builder.queues) {
    dismissBuilder(farm, queue, builder);
    watchSupport(farm, queue);
  }
}
