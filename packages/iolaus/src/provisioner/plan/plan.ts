import type { PoolConfiguration, ProvisionerConfiguration } from '../configuration.ts';
import { costPerHour, openBudget } from './budget.ts';
import type { Budget } from './budget.ts';
import { fleetOf, isCapacity } from './fleet.ts';
import type { Member, Phase } from './fleet.ts';
import { generationOf } from './generation.ts';
import { askAgain, grow } from './grow.ts';
import { learn } from './learn.ts';
import { blankMemory, poolRecord } from './memory.ts';
import type { Memory } from './memory.ts';
import type { Demand, Observation } from './observation.ts';
import { offersOf } from './policy.ts';
import { retire } from './retire.ts';
import { retireStrangers } from './strangers.ts';
import type { Scene } from './scene.ts';
import { limitsAt } from './schedule.ts';
import { shareNeeds } from './share-needs.ts';
import type { Load, SharedNeeds } from './share-needs.ts';
import { shrink } from './shrink.ts';
import { wantedBy } from './wanted.ts';
import type { Wanted } from './wanted.ts';
import type { PoolReport, Wish } from './wish.ts';

/** What is to be done, how the pools stand, what else a person should know, and what to remember. */
export type Plan = {
  readonly wishes: readonly Wish[];
  readonly pools: readonly PoolReport[];
  readonly remarks: readonly string[];
  readonly memory: Memory;
};

/** Until a machine has joined, one is expected to take so long. */
const usualBoot = 60_000;

/**
 * Decides what to do about all pools. It knows nothing but what it is given: no clock, no randomness, no I/O. Without the
 * runner's word nothing goes and only what is wanted at least is made; without a driver's list nothing is done with it.
 */
export function plan(
  observation: Observation,
  configuration: ProvisionerConfiguration,
  before: Memory = blankMemory,
): Plan {
  let memory = learn(observation, configuration, before);
  const drivers = Object.keys(observation.machines);
  const fleets = new Map(drivers.map((driver) => [driver, fleetOf(observation, driver, memory)]));
  const everybody = [...fleets.values()].flatMap((fleet) => [...fleet.values()].flat());
  const { demand } = observation;
  const shared = demand === null ? null : shareNeeds(demand, configuration, everybody, memory.now);
  const budget = openBudget(configuration, everybody, memory);
  const wishes: Wish[] = [];
  const pools: PoolReport[] = [];
  for (const pool of configuration.pools) {
    const members = fleets.get(pool.driver)?.get(pool.name) ?? [];
    const listed = observation.machines[pool.driver] ?? null;
    const scene = openScene({ configuration, pool, demand, members, budget, memory, wishes });
    const sentence = listed === null ? unlisted(pool) : decide(scene, shared?.loads.get(pool.name));
    ({ memory } = scene);
    pools.push(reportOf(scene, sentence, shared?.loads.get(pool.name)));
  }
  const strangers = retireStrangers(fleets, { configuration, demand, memory });
  return {
    wishes: [...wishes, ...strangers.wishes],
    pools,
    remarks: [...strangers.remarks, ...remarksOf(shared)],
    memory: strangers.memory,
  };
}

const unlisted = ({ driver }: PoolConfiguration): string =>
  `The driver ${driver} does not say which machines there are, so nothing is done.`;

function openScene(options: {
  readonly configuration: ProvisionerConfiguration;
  readonly pool: PoolConfiguration;
  readonly demand: Demand | null;
  readonly members: readonly Member[];
  readonly budget: Budget;
  readonly memory: Memory;
  readonly wishes: Wish[];
}): Scene {
  const { pool, memory } = options;
  const limits = limitsAt(pool, memory.now);
  const generation = generationOf(pool);
  return { ...options, limits, generation, now: memory.now, obstacles: [] };
}

/** Makes the pool's wishes, and says in a sentence what was decided and why. */
function decide(scene: Scene, load: Load | undefined): string {
  askAgain(scene);
  retire(scene);
  const have = scene.members.filter(isCapacity).length - replaced(scene);
  if (scene.demand === null || load === undefined) {
    const because = `the runner does not answer; ${scene.limits.min} are wanted at least`;
    if (have < scene.limits.min) grow(scene, scene.limits.min - have, nothingKnown, because);
    return say(scene, { count: Math.max(have, scene.limits.min), because });
  }
  const wanted = wantedNow(scene, load);
  const most = noteWanted(scene, wanted.count);
  if (have < wanted.count) grow(scene, wanted.count - have, load, wanted.because);
  else if (have > most) shrink(scene, have - most, wanted.because);
  return say(scene, wanted);
}

const nothingKnown = { memoryBytes: 0 };

/** Members that were capacity, and go by what was decided just now. */
function replaced({ members, wishes }: Scene): number {
  const leave = new Set(
    wishes.filter(({ type }) => type === 'drain' || type === 'destroy').map(({ name }) => name),
  );
  return members.filter((member) => isCapacity(member) && leave.has(member.name)).length;
}

function wantedNow({ pool, memory, limits }: Scene, load: Load): Wanted {
  const [offer] = offersOf(pool);
  if (offer === undefined) return { count: 0, because: 'it has no offer' };
  const bootMilliseconds = poolRecord(memory, pool.name).bootMilliseconds ?? usualBoot;
  return wantedBy(pool, load, { offer, bootMilliseconds }, limits);
}

/** The most that was wanted during the grace period; Infinity until so long has been looked at. */
function noteWanted(scene: Scene, count: number): number {
  const { pool, now, memory } = scene;
  const record = poolRecord(memory, pool.name);
  const from = now - pool.gracePeriod;
  const last = record.wanted.at(-1);
  const added = last?.count === count ? record.wanted : [...record.wanted, { at: now, count }];
  // The last one from before still counted when the period began.
  const wanted = added.filter((_, index) => (added[index + 1]?.at ?? Infinity) > from);
  const pools = { ...memory.pools, [pool.name]: { ...record, wanted } };
  scene.memory = { ...memory, pools };
  return now - record.since < pool.gracePeriod
    ? Infinity
    : Math.max(...wanted.map((one) => one.count));
}

function say({ wishes, pool, obstacles, members }: Scene, wanted: Wanted): string {
  const own = new Set(members.map(({ name }) => name));
  const count = (type: Wish['type']): number =>
    wishes.filter((wish) =>
      wish.type === 'create'
        ? type === 'create' && wish.pool === pool.name
        : wish.type === type && own.has(wish.name),
    ).length;
  const deeds = (['create', 'start', 'undrain', 'drain', 'stop', 'destroy'] as const)
    .filter((type) => count(type) > 0)
    .map((type) => `${type} ${count(type)}`);
  const what = deeds.length === 0 ? 'nothing to do' : deeds.join(', ');
  const hindered = [...new Set(obstacles)].map((one) => ` But ${one}.`).join('');
  return `${wanted.count} wanted: ${wanted.because}. Now: ${what}.${hindered}`;
}

function reportOf(scene: Scene, sentence: string, load: Load | undefined): PoolReport {
  const { members, pool, memory, configuration, now } = scene;
  const count = (...phases: Phase[]): number =>
    members.filter(({ phase }) => phases.includes(phase)).length;
  const record = poolRecord(memory, pool.name);
  return {
    pool: pool.name,
    sentence,
    wanted: record.wanted.at(-1)?.count ?? 0,
    existing: members.length,
    booting: count('wished', 'booting'),
    ready: count('ready'),
    draining: count('draining', 'leaving'),
    runnable: Math.round(load?.runnable ?? 0),
    seconds: Math.round(load?.seconds ?? 0),
    waited:
      load?.waitingSince === null || load === undefined ? 0 : Math.max(0, now - load.waitingSince),
    costPerHour: costPerHour(configuration, members),
    spent: record.spent,
  };
}

function remarksOf(shared: SharedNeeds | null): string[] {
  return (shared?.unserved ?? []).map(({ system, features, runnable, behind }) => {
    const kind = [system, ...features].join(' with ').replaceAll(' with ', ', ');
    return `No pool and no builder is for ${kind}, which ${runnable + behind} steps need.`;
  });
}
