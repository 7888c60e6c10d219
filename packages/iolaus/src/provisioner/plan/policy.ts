import type { PoolConfiguration, ProvisionerConfiguration } from '../configuration.ts';
import type { Need } from './observation.ts';

/** One way to get a machine for a pool. */
export type Offer = {
  readonly name: string;
  readonly type: string | null;
  readonly isSpot: boolean;
  /** For an hour; null: nobody knows. */
  readonly price: number | null;
  readonly slots: number;
  readonly speed: number;
  /** Infinity: nobody knows. */
  readonly memoryBytes: number;
};

const gibibyte = 2 ** 30;

/** A pool's offers, what is cheapest for the work that it does first; one without a price last. */
export function offersOf(pool: PoolConfiguration): readonly Offer[] {
  return (pool.offers.length > 0 ? pool.offers : [plain])
    .map(({ name, type, spot, price, maxJobs, speedFactor, memoryGiB }) => ({
      name,
      type: type ?? null,
      isSpot: spot,
      price: price ?? null,
      slots: maxJobs ?? pool.maxJobs,
      speed: speedFactor ?? pool.speedFactor,
      memoryBytes: memoryGiB === undefined ? Infinity : memoryGiB * gibibyte,
    }))
    .toSorted((one, other) => workPrice(one) - workPrice(other));
}

/** Of a pool that lists none. */
const plain: PoolConfiguration['offers'][number] = { name: 'default', spot: false };

/** What a slot of speed 1 costs. */
const workPrice = ({ price, slots, speed }: Offer): number =>
  price === null ? Number.MAX_VALUE : price / (slots * speed);

export function offerNamed(pool: PoolConfiguration, name: string): Offer | undefined {
  return offersOf(pool).find((offer) => offer.name === name);
}

/** Hydra's rule: what a builder insists on is required, and what is required it has. */
export function canServe(
  builder: {
    readonly systems: readonly string[];
    readonly features: readonly string[];
    readonly mandatoryFeatures: readonly string[];
  },
  { system, features }: Pick<Need, 'system' | 'features'>,
): boolean {
  const has = (feature: string): boolean =>
    builder.features.includes(feature) || builder.mandatoryFeatures.includes(feature);
  return (
    (system === 'builtin' || builder.systems.includes(system)) &&
    builder.mandatoryFeatures.every((feature) => features.includes(feature)) &&
    features.every(has)
  );
}

/** Pools that could do the work: those without special features first, then the cheapest. */
export function poolsFor(
  need: Pick<Need, 'system' | 'features'>,
  { pools }: ProvisionerConfiguration,
): PoolConfiguration[] {
  return pools
    .filter((pool) => canServe(pool, need))
    .toSorted((one, other) => rank(one) - rank(other) || cheapest(one) - cheapest(other));
}

const rank = ({ features }: PoolConfiguration): number => features.length;
const cheapest = (pool: PoolConfiguration): number => {
  const [offer] = offersOf(pool);
  return offer === undefined ? Number.MAX_VALUE : workPrice(offer);
};
