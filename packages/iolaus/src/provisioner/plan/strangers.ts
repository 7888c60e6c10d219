import type { ProvisionerConfiguration } from '../configuration.ts';
import { sayDuration } from '../duration.ts';
import type { Member } from './fleet.ts';
import type { Memory } from './memory.ts';
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
  const wishes: Wish[] = [];
  const remarks: string[] = [];
  let machines = memory.machines;
  for (const [driver, fleet] of fleets) {
    for (const [pool, members] of fleet) {
      remarks.push(...twins(members));
      if (configuration.pools.some((one) => one.name === pool && one.driver === driver)) continue;
      for (const member of members) {
        const decision = judge(member, { configuration, demand, memory }, driver);
        if (decision.wish !== null) wishes.push(decision.wish);
        if (decision.remark !== null) remarks.push(decision.remark);
        if (decision.wish?.type === 'drain' && member.known !== null) {
          const { because } = decision.wish;
          const drain = member.known.drain ?? { since: memory.now, because, isFinal: true };
          machines = { ...machines, [member.name]: { ...member.known, drain } };
        }
      }
    }
  }
  return { wishes, remarks, memory: { ...memory, machines } };
}

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
