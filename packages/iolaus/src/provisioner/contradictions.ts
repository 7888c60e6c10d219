import { Fault } from '../fault/fault.ts';
import type { PoolConfiguration, ProvisionerConfiguration } from './configuration.ts';
import { canStop } from './drivers/settings.ts';

/** Throws `Fault` `bad-configuration` for what each key allows, and all together do not. */
export function refuseContradictions(file: string, configuration: ProvisionerConfiguration): void {
  const wrong = [
    ...twice(configuration.pools.map(({ name }) => name)).map((name) => {
      return `two pools are called ${name}`;
    }),
    ...configuration.pools.flatMap((pool) => ofPool(pool, configuration)),
  ];
  const [first] = wrong;
  if (first === undefined) return;
  throw new Fault('bad-configuration', `${file}: ${wrong.join('; ')}`, {
    remedy: 'Nothing is started or ended until the file says one thing.',
  });
}

function ofPool(pool: PoolConfiguration, configuration: ProvisionerConfiguration): string[] {
  const { name, min, max, warm, whenIdle, offers, onDemandBase } = pool;
  const driver = configuration.drivers[pool.driver];
  const { maxMachines, maxCostPerHour, maxCostPerDay } = configuration;
  const limited = maxCostPerHour !== undefined || maxCostPerDay !== undefined;
  const unpriced = offers.filter(({ price }) => price === undefined).map((offer) => offer.name);
  const tellsPrices = driver !== undefined && pricedDrivers.has(driver.type);
  const checks: readonly (readonly [boolean, string])[] = [
    [driver === undefined, `there is no driver ${pool.driver}`],
    [min > max, `min is ${min}, which is more than max, ${max}`],
    [warm > max, `warm is ${warm}, which is more than max, ${max}`],
    [min > maxMachines, `min is ${min}, which is more than maxMachines, ${maxMachines}`],
    [
      driver !== undefined && whenIdle === 'stop' && !canStop.has(driver.type),
      `whenIdle is "stop", which a driver of type ${driver?.type} cannot do`,
    ],
    [
      limited && !tellsPrices && (offers.length === 0 || unpriced.length > 0),
      `what it may cost is limited, but no price is given for ${unpriced.join(', ') || 'its machines'}`,
    ],
    [
      onDemandBase > 0 && offers.length > 0 && offers.every(({ spot }) => spot),
      `onDemandBase is ${onDemandBase}, but every offer is spot`,
    ],
    [twice(offers.map((offer) => offer.name)).length > 0, 'two of its offers have one name'],
  ];
  return checks.filter(([isWrong]) => isWrong).map(([, what]) => `in pool ${name}, ${what}`);
}

/** Those that can be asked what their offers cost. */
const pricedDrivers: ReadonlySet<string> = new Set(['exec', 'ec2', 'hetzner']);

const twice = (names: readonly string[]): string[] =>
  [...new Set(names)].filter((name) => names.indexOf(name) !== names.lastIndexOf(name));
