import type { PoolConfiguration, ProvisionerConfiguration } from '../configuration.ts';
import { limitsAt } from './schedule.ts';
import type { Member } from './fleet.ts';
import type { Demand, Need, SeenBuilder } from './observation.ts';
import { canServe, offersOf, poolsFor } from './policy.ts';

/** What falls to a pool: steps that can start, and what its machines have already. Seconds on a machine of speed 1. */
export type Load = {
  runnable: number;
  seconds: number;
  criticalPathSeconds: number;
  waitingSince: number | null;
  memoryBytes: number;
  behind: number;
  behindSeconds: number;
  /** On the pool's machines. */
  attempts: number;
  attemptSeconds: number;
};

export type SharedNeeds = {
  readonly loads: ReadonlyMap<string, Load>;
  /** What no pool can do, nor any builder that is there. */
  readonly unserved: readonly Need[];
};

const nothing: Load = {
  runnable: 0,
  seconds: 0,
  criticalPathSeconds: 0,
  waitingSince: null,
  memoryBytes: 0,
  behind: 0,
  behindSeconds: 0,
  attempts: 0,
  attemptSeconds: 0,
};

/**
 * Gives each need to the pools that can serve it, the plainest and cheapest first; what a pool cannot do in time with all
 * its machines goes on to the next. Machines that are always there come first of all.
 */
export function shareNeeds(
  demand: Demand,
  configuration: ProvisionerConfiguration,
  members: readonly Member[],
  now: number,
): SharedNeeds {
  const loads = new Map(configuration.pools.map((pool) => [pool.name, { ...nothing }]));
  const ours = new Set(members.map(({ name }) => name));
  const permanent = demand.builders.filter(
    ({ hostname, closed }) => !ours.has(hostname) && closed === null,
  );
  for (const member of members) addAttempts(loads.get(member.pool), member.builder);
  const unserved: Need[] = [];
  const spare = new Map(permanent.map((builder) => [builder, freeSlots(builder)]));
  for (const need of demand.needs.toSorted((one, other) => rank(one) - rank(other))) {
    if (need.runnable + need.behind === 0) continue;
    const pools = poolsFor(need, configuration);
    const served = pools.length > 0 || permanent.some((builder) => canServe(builder, need));
    if (!served) unserved.push(need);
    spread(afterPermanent(need, spare), pools, loads, now);
  }
  return { loads, unserved };
}

/** What is hardest to place is placed first. */
const rank = ({ features }: Need): number => -features.length;

const freeSlots = ({ slots, attempts }: SeenBuilder): number => Math.max(0, slots - attempts);

function addAttempts(load: Load | undefined, builder: SeenBuilder | null): void {
  if (load === undefined || builder === null) return;
  load.attempts += builder.attempts;
  load.attemptSeconds += builder.secondsLeft * builder.speedFactor;
}

/** Free slots of machines that are always there take steps at once. */
function afterPermanent(need: Need, spare: Map<SeenBuilder, number>): Need {
  let { runnable } = need;
  for (const [builder, free] of spare) {
    if (!canServe(builder, need)) continue;
    const taken = Math.min(free, runnable);
    spare.set(builder, free - taken);
    runnable -= taken;
  }
  return portionOf(need, need.runnable === 0 ? 1 : runnable / need.runnable);
}

function spread(
  need: Need,
  pools: readonly PoolConfiguration[],
  loads: ReadonlyMap<string, Load>,
  now: number,
): void {
  let left = need;
  for (const [index, pool] of pools.entries()) {
    const load = loads.get(pool.name);
    if (load === undefined) continue;
    const isLast = index === pools.length - 1;
    const room = isLast ? Infinity : roomOf(pool, load, now);
    const share = left.seconds <= room ? 1 : room / left.seconds;
    addNeed(load, portionOf(left, share));
    left = portionOf(left, 1 - share);
    if (share === 1) return;
  }
}

/** What the whole pool does while a machine is worth its start: more of it would only wait. */
function roomOf(pool: PoolConfiguration, load: Load, now: number): number {
  const [offer] = offersOf(pool);
  const speed = (offer?.slots ?? 1) * (offer?.speed ?? 1);
  const span = (pool.finishWithin ?? 30 * 60_000) / 1_000;
  return Math.max(0, limitsAt(pool, now).max * speed * span - load.seconds - load.attemptSeconds);
}

function portionOf(need: Need, share: number): Need {
  if (share === 1) return need;
  return {
    ...need,
    runnable: need.runnable * share,
    seconds: need.seconds * share,
    behind: need.behind * share,
    behindSeconds: need.behindSeconds * share,
  };
}

function addNeed(load: Load, need: Need): void {
  load.runnable += need.runnable;
  load.seconds += need.seconds;
  load.behind += need.behind;
  load.behindSeconds += need.behindSeconds;
  if (need.runnable <= 0) return;
  load.criticalPathSeconds = Math.max(load.criticalPathSeconds, need.criticalPathSeconds);
  load.memoryBytes = Math.max(load.memoryBytes, need.memoryBytes);
  const since = need.waitingSince;
  if (since !== null) load.waitingSince = Math.min(load.waitingSince ?? since, since);
}
