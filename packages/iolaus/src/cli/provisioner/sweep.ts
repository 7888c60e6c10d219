import { parseParameters, refusePositionals } from '../command.ts';
import type { Machine } from '../../provisioner/plan/observation.ts';
import { openSettings } from './settings.ts';
import type { OpenSettings } from './settings.ts';

type Orphan = { readonly driver: string; readonly machine: Machine };

/** `iolaus provisioner sweep`: what bears our mark and is of no pool. */
export async function sweep(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('provisioner sweep', parameters, {
    config: { type: 'string', short: 'c' },
    remove: { type: 'boolean', default: false },
  });
  refusePositionals('provisioner sweep', positionals);
  await using settings = await openSettings(values.config);
  const orphans = await findOrphans(settings);
  for (const { driver, machine } of orphans) {
    const { name, handle, pool, state } = machine;
    if (values.remove) await settings.drivers.get(driver)?.destroy(machine);
    console.log(`${name} (${handle}), ${state}, of ${pool}${values.remove ? ': removed' : ''}`);
  }
  if (orphans.length === 0) console.log('There are none.');
  return 0;
}

/** Whoever has a builder at the runner is no orphan, so the runner has to answer. */
async function findOrphans({ configuration, drivers, runner }: OpenSettings): Promise<Orphan[]> {
  const { builders } = await runner.demand();
  const joined = new Set(builders.map(({ hostname }) => hostname));
  const lists = await Promise.all(
    [...drivers].map(async ([driver, opened]) => {
      const machines = await opened.list();
      return machines.map((machine) => ({ driver, machine }));
    }),
  );
  return lists
    .flat()
    .filter(({ machine }) => !joined.has(machine.name) && machine.state !== 'stopping')
    .filter(({ driver, machine }) => {
      return !configuration.pools.some(
        (pool) => pool.name === machine.pool && pool.driver === driver,
      );
    });
}
