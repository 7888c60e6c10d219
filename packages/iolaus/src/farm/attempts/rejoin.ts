import {
  dismissFromQueues,
  joinBuilder,
  leaveBuilder,
  newBuilder,
} from '../builders/membership.ts';
import type { Builder } from '../builders/builder.ts';
import { watchAhead, watchBuilder } from '../builders/builder-watch.ts';
import type { FarmState } from '../farm-state.ts';
import type { BuilderFacts } from '../facts.ts';
import type { AttemptNumber, BuilderId, Instant } from '../identity.ts';
import { abandonInherited, countUnmet, inheritedBy } from './inherited.ts';
import { admitBuilder, refreshFitness, refreshLoad } from '../queues/queue.ts';
import { canBuild } from '../graph/requirement.ts';
import { loseAttempt } from './retry.ts';
import { listen } from '../builders/silence.ts';

/**
 * The tunnel is gone, but the builder may go on building and come back: its attempts stay its own until then, and it gets
 * no others. A builder without attempts simply leaves.
 */
export function awaitBuilder(farm: FarmState, id: BuilderId, until: Instant): void {
  const builder = farm.builders.get(id);
  if (builder === undefined) return;
  const hasWork = builder.leases.size > 0 || inheritedBy(farm, id).length > 0;
  if (!hasWork || until <= farm.now) {
    leaveBuilder(farm, id);
    return;
  }
  builder.awayUntil = until;
  watchBuilder(farm, builder);
  refreshFitness(farm, builder);
}

/** The builder is back with the attempts that it holds; what it does not hold any more is lost. */
export function rejoinBuilder(
  farm: FarmState,
  id: BuilderId,
  facts: BuilderFacts,
  held: readonly AttemptNumber[],
): void {
  const former = farm.builders.get(id);
  if (former === undefined) {
    joinBuilder(farm, id, facts);
    return;
  }
  farm.builders.delete(id);
  farm.deadlines.clear(former);
  dismissFromQueues(farm, former);
  const builder: Builder = {
    ...newBuilder(farm, id, facts),
    faults: former.faults,
    faultsCountFrom: former.faultsCountFrom,
    pausedUntil: former.pausedUntil,
    blames: former.blames,
    onTrial: former.onTrial,
    lastEnd: farm.now,
  };
  farm.builders.set(id, builder);
  for (const queue of farm.queues.values()) admitBuilder(farm, queue, builder);
  handOverLeases(farm, former, builder, new Set(held));
  watchAhead(farm, builder);
  listen(farm, builder);
  watchBuilder(farm, builder);
  refreshLoad(farm, builder);
}

function handOverLeases(
  farm: FarmState,
  former: Builder,
  builder: Builder,
  held: ReadonlySet<AttemptNumber>,
): void {
  const lost = [];
  for (const lease of former.leases) {
    if (held.has(lease.attempt) && canBuild(builder.facts, lease.step.queue.requirement)) {
      former.leases.delete(lease);
      lease.builder = builder;
      builder.leases.add(lease);
    } else lost.push(lease);
  }
  const unmet = inheritedBy(farm, builder.id);
  builder.brought = builder.leases.size;
  builder.unmet = countUnmet(unmet);
  for (const lease of lost) loseAttempt(farm, lease, 'the builder came back without it');
  for (const inherited of unmet) {
    if (held.has(inherited.attempt)) builder.brought += 1;
    else abandonInherited(farm, inherited, 'aborted', 'the builder came back without it');
  }
}
