import type { KnownMachine, Memory } from './memory.ts';
import type { Machine, Observation, SeenBuilder } from './observation.ts';

/**
 * Where a machine is:
 * - `wished`: asked for, not listed yet;
 * - `booting`: listed, its builder has never joined;
 * - `ready`: its builder is there;
 * - `draining`: it gets no more work, and goes when it has none;
 * - `lost`: its builder was there and is not any more;
 * - `stopped`, `leaving`, `failed`: as its driver says.
 */
export type Phase =
  | 'wished'
  | 'booting'
  | 'ready'
  | 'draining'
  | 'lost'
  | 'stopped'
  | 'leaving'
  | 'failed';

/** A machine of a pool, or the wish for one. */
export type Member = {
  readonly name: string;
  readonly phase: Phase;
  readonly pool: string;
  readonly offer: string;
  /** Null while it is only a wish. */
  readonly machine: Machine | null;
  readonly known: KnownMachine | null;
  readonly builder: SeenBuilder | null;
};

/** All machines and wishes of a driver, by pool; a pool that is not configured any more is among them. */
export function fleetOf(
  observation: Observation,
  driver: string,
  memory: Memory,
): Map<string, Member[]> {
  const listed = observation.machines[driver] ?? [];
  const builders = new Map(observation.demand?.builders.map((one) => [one.hostname, one]));
  const machines = listed.map((machine): Member => {
    const known = memory.machines[machine.name] ?? null;
    const builder = builders.get(machine.name) ?? null;
    const { name, pool, offer } = machine;
    return {
      name,
      pool,
      offer,
      machine,
      known,
      builder,
      phase: phaseOf(machine, known, builder),
    };
  });
  const wishes = Object.entries(memory.wishes)
    .filter(([, wish]) => wish.driver === driver)
    .map(([name, { pool, offer }]): Member => ({
      name,
      pool,
      offer,
      phase: 'wished',
      machine: null,
      known: null,
      builder: null,
    }));
  return Map.groupBy([...machines, ...wishes], ({ pool }) => pool);
}

function phaseOf(
  { state }: Machine,
  known: KnownMachine | null,
  builder: SeenBuilder | null,
): Phase {
  if (state === 'stopping') return 'leaving';
  if (state === 'stopped' || state === 'failed') return state;
  if (known !== null && known.drain !== null) return 'draining';
  if (builder?.closed === 'draining') return 'draining';
  if (known !== null && known.lostSince !== null) return 'lost';
  return known === null || known.joinedAt === null ? 'booting' : 'ready';
}

/** Works, or will soon. */
export const isCapacity = ({ phase }: Member): boolean =>
  phase === 'wished' || phase === 'booting' || phase === 'ready';
