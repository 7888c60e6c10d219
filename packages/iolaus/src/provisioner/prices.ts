import type { Clock } from '../clock/clock.ts';
import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import type { PoolConfiguration, ProvisionerConfiguration } from './configuration.ts';
import type { Driver } from './drivers/driver.ts';

/** Prices change by the hour at most. */
const freshMilliseconds = 3_600_000;

/** What drivers say that their offers cost, for those whose price is not in the configuration. */
export class Prices {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, ReadonlyMap<string, number>>();
  #askedAt = -Infinity;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The same configuration with the prices that are known. */
  async fill(
    configuration: ProvisionerConfiguration,
    drivers: ReadonlyMap<string, Driver>,
  ): Promise<ProvisionerConfiguration> {
    const now = this.#clock.elapsed();
    if (now - this.#askedAt >= freshMilliseconds) {
      this.#askedAt = now;
      await Promise.all(configuration.pools.map((pool) => this.#ask(pool, drivers)));
    }
    return { ...configuration, pools: configuration.pools.map((pool) => this.#priced(pool)) };
  }

  async #ask(pool: PoolConfiguration, drivers: ReadonlyMap<string, Driver>): Promise<void> {
    const driver = drivers.get(pool.driver);
    if (driver?.prices === undefined || pool.offers.every(({ price }) => price !== undefined))
      return;
    try {
      this.#known.set(pool.name, await driver.prices(pool));
    } catch (error) {
      this.#logger.warn({ pool: pool.name, error: describeError(error) }, 'prices are not known');
    }
  }

  #priced(pool: PoolConfiguration): PoolConfiguration {
    const known = this.#known.get(pool.name);
    if (known === undefined) return pool;
    const offers = pool.offers.map((offer) => {
      const price = offer.price ?? known.get(offer.name);
      return price === undefined ? offer : { ...offer, price };
    });
    return { ...pool, offers };
  }
}
