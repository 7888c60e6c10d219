import type { ProvisionerConfiguration } from '../configuration.ts';
import { sayDuration } from '../duration.ts';
import type { Member } from './fleet.ts';
import type { KnownMachine, Memory } from './memory.ts';
import type { Demand } from './observation.ts';
import type { Wish } from './wish.ts';

/** A machine that never joins is an orphan by then. */
const orphanMilliseconds = 15 * 60_000;

type Circumstances = {
  readonly configuration: ProvisionerConfiguration;
  readonly demand: Demand | null;
  readonly memory: Memory;
};

/**
 * Machines with our mark whose pool is not configured, or two of one name. Those with a builder drain and go; those that
 * nobody knows anything of cost money, and are told, or removed where that is wanted.
 */
export function retireStrangers(
  fleets: ReadonlyMap<string, ReadonlyMap<string, readonly Member[]>>,
  { configuration, demand, memory }: Circumstances,
): {
  readonly wishes: readonly Wish[];
  readonly remarks: readonly string[];
  readonly memory: Memory;
} {
  const all = [...fleets].flatMap(([driver, fleet]) =>
    [...fleet].map(([pool, members]) => ({ driver, pool, members })),
  );
  const judged = all
    .filter(({ driver, pool }) => !isConfigured(configuration, driver, pool))
    .flatMap(({ driver, members }) =>
      members.map((member) => ({
        member,
        ...judge(member, { configuration, demand, memory }, driver),
      })),
    );
  const drained = judged.flatMap(({ member: { name, known }, wish }) =>
    wish?.type === 'drain' && known !== null ? [[name, drain(known, wish.because, memory)]] : [],
  );
  return {
    wishes: judged.flatMap(({ wish }) => wish ?? []),
    remarks: [
      ...all.flatMap(({ members }) => twins(members)),
      ...judged.flatMap(({ remark }) => remark ?? []),
    ],
    memory: { ...memory, machines: { ...memory.machines, ...Object.fromEntries(drained) } },
  };
}

const isConfigured = ({ pools }: ProvisionerConfiguration, driver: string, pool: string): boolean =>
  pools.some((one) => one.name === pool && one.driver === driver);

const drain = (known: KnownMachine, because: string, { now }: Memory): KnownMachine => ({
  ...known,
  drain: known.drain ?? { since: now, because, isFinal: true },
});

type Judgement = { readonly wish: Wish | null; readonly remark: string | null };

function judge(
  { name, machine, builder, known, pool, phase }: Member,
  { configuration, demand, memory }: Circumstances,
  driver: string,
): Judgement {
  const silence = { wish: null, remark: null };
  if (machine === null || demand === null || phase === 'leaving') return silence;
  const because = `its pool ${pool} is not configured any more`;
  if (builder !== null) {
    const isEmpty =
      builder.closed === 'draining' && builder.attempts === 0 && builder.uploads === 0;
    if (isEmpty) return { ...silence, wish: { type: 'destroy', name, driver, machine, because } };
    return builder.closed === 'draining'
      ? silence
      : { ...silence, wish: { type: 'drain', name, because } };
  }
  const age = memory.now - (known?.lostSince ?? known?.firstSeen ?? memory.now);
  if (age < orphanMilliseconds) return silence;
  const orphan = `${name} (${machine.handle}) bears our mark, is of no pool, and has had no builder for ${sayDuration(age)}`;
  if (configuration.orphans === 'report') {
    return { wish: null, remark: `${orphan}. \`iolaus provisioner sweep --remove\` removes it.` };
  }
  return {
    wish: { type: 'destroy', name, driver, machine, because: orphan },
    remark: `${orphan}.`,
  };
}

function twins(members: readonly Member[]): string[] {
  const names = Map.groupBy(
    members.filter(({ machine }) => machine !== null),
    ({ name }) => name,
  );
  return [...names]
    .filter(([, same]) => same.length > 1)
    .map(([name, same]) => {
      const handles = same.map(({ machine }) => machine?.handle).join(', ');
      return `${same.length} machines are called ${name} (${handles}), which can only be one: its driver, or somebody else, made it twice.`;
    });
}
