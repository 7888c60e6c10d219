import type { ProvisionerConfiguration } from '../configuration.ts';
import { offerNamed } from './policy.ts';
import { blameOffer, clearOffer } from './blame.ts';
import { poolRecord } from './memory.ts';
import type { KnownMachine, Memory, OpenWish } from './memory.ts';
import type { Machine, Observation } from './observation.ts';

/** A machine that was made is in the list by then, however slow the provider is. */
const consistencyMilliseconds = 300_000;

const day = 24;
const hour = 3_600_000;
/** Of the time to boot: old measurements fade. */
const bootWeight = 0.3;

/** What the observation adds to what was known. */
export function learn(
  observation: Observation,
  configuration: ProvisionerConfiguration,
  before: Memory,
): Memory {
  // A clock that was set back stands still until it has caught up.
  const now = Math.max(observation.now, before.now);
  let memory: Memory = { ...before, now, since: before.since ?? now, hours: lastDay(before, now) };
  memory = spend(memory, configuration, observation, now - (before.now || now));
  for (const outcome of observation.outcomes) memory = hearOutcome(memory, outcome);
  for (const [driver, machines] of Object.entries(observation.machines)) {
    if (machines !== null) memory = see(memory, driver, machines, observation);
  }
  return forgetWishes(memory);
}

function hearOutcome(memory: Memory, outcome: Observation['outcomes'][number]): Memory {
  const wish = memory.wishes[outcome.name];
  if (wish === undefined) return memory;
  if (outcome.type === 'created') {
    const done = { ...wish, isCreated: true, isUnsure: false };
    const cleared = clearOffer(memory, wish.pool, wish.offer);
    return { ...cleared, wishes: { ...memory.wishes, [outcome.name]: done } };
  }
  if (outcome.type !== 'create-failed') return memory;
  const { failure, message } = outcome;
  if (failure === 'unknown') {
    const unsure = { ...wish, isUnsure: true };
    return { ...memory, wishes: { ...memory.wishes, [outcome.name]: unsure } };
  }
  const { [outcome.name]: _gone, ...wishes } = memory.wishes;
  return blameOffer({ ...memory, wishes }, wish.pool, wish.offer, { failure, message });
}

/** What the driver lists is there, and what it does not list any more is gone. */
function see(
  memory: Memory,
  driver: string,
  machines: readonly Machine[],
  { demand }: Observation,
): Memory {
  const wishes: Record<string, OpenWish> = { ...memory.wishes };
  const known: Record<string, KnownMachine> = {};
  let after = memory;
  for (const machine of machines) {
    const wish = wishes[machine.name];
    delete wishes[machine.name];
    const builder = demand?.builders.find(({ hostname }) => hostname === machine.name);
    const was = memory.machines[machine.name] ?? stranger(machine, driver, wish, memory.now);
    const isThere = builder !== undefined && builder.joinedAt !== null;
    const joins = was.joinedAt === null && isThere;
    if (joins) after = noteBoot(after, machine.pool, memory.now - (wish?.at ?? was.firstSeen));
    // One that is started again begins anew.
    if (machine.state === 'stopped') {
      known[machine.name] = stranger(machine, driver, undefined, memory.now);
      continue;
    }
    known[machine.name] = {
      ...was,
      joinedAt: joins ? memory.now : was.joinedAt,
      lostSince: lostSince(was, demand === null ? null : isThere, memory.now),
    };
  }
  const others = Object.entries(memory.machines).filter(([, one]) => one.driver !== driver);
  return { ...after, wishes, machines: { ...Object.fromEntries(others), ...known } };
}

const stranger = (
  { pool, offer }: Machine,
  driver: string,
  wish: OpenWish | undefined,
  now: number,
): KnownMachine => ({
  pool,
  offer,
  driver,
  firstSeen: wish?.at ?? now,
  joinedAt: null,
  lostSince: null,
  drain: null,
});

/** While the runner does not answer, nobody is lost. */
function lostSince(
  { joinedAt, lostSince: before }: KnownMachine,
  isThere: boolean | null,
  now: number,
): number | null {
  if (isThere === true || joinedAt === null) return null;
  return isThere === null ? null : (before ?? now);
}

function noteBoot(memory: Memory, pool: string, took: number): Memory {
  const record = poolRecord(memory, pool);
  const { bootMilliseconds: before } = record;
  const bootMilliseconds = before === null ? took : before + bootWeight * (took - before);
  const pools = { ...memory.pools, [pool]: { ...record, bootMilliseconds, neverJoined: 0 } };
  return { ...memory, pools };
}

/** What nobody has listed for so long was never made. What is unsure is asked for again first, by the plan. */
function forgetWishes(memory: Memory): Memory {
  let after = memory;
  for (const [name, wish] of Object.entries(memory.wishes)) {
    if (memory.now - wish.at < consistencyMilliseconds) continue;
    const { [name]: _gone, ...wishes } = after.wishes;
    const message = wish.isCreated
      ? 'it was made, says the driver, but is not in its list'
      : 'nobody knows what became of it';
    after = blameOffer({ ...after, wishes }, wish.pool, wish.offer, {
      failure: 'transient',
      message,
    });
  }
  return after;
}

/** What all machines have cost since the last look. A gap in our own life is spent as well. */
function spend(
  memory: Memory,
  { pools }: ProvisionerConfiguration,
  { machines }: Observation,
  elapsed: number,
): Memory {
  let after = memory;
  for (const machine of Object.values(machines).flatMap((listed) => listed ?? [])) {
    const pool = pools.find(({ name }) => name === machine.pool);
    const price = pool === undefined ? null : offerNamed(pool, machine.offer)?.price;
    if (typeof price !== 'number' || machine.state === 'stopped') continue;
    after = addCost(after, machine.pool, (price * elapsed) / hour);
  }
  return after;
}

function addCost(memory: Memory, pool: string, cost: number): Memory {
  const record = poolRecord(memory, pool);
  const current = Math.floor(memory.now / hour);
  const hours = { ...memory.hours, [current]: (memory.hours[current] ?? 0) + cost };
  const pools = { ...memory.pools, [pool]: { ...record, spent: record.spent + cost } };
  return { ...memory, hours, pools };
}

/** What was spent by hour, without what is longer ago than a day. */
function lastDay({ hours }: Memory, now: number): Memory['hours'] {
  const first = Math.floor(now / hour) - day;
  return Object.fromEntries(Object.entries(hours).filter(([which]) => Number(which) > first));
}
