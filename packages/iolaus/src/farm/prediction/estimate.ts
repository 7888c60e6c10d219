/**
 * What is known of a quantity that varies by factors: build times, memory, processor cores. Its logarithm is taken for
 * normal, and what was seen long ago counts less and less.
 */
export type Estimate = {
  /** How much was seen: every observation counts one, and nine tenths of that when the next one comes. */
  readonly weight: number;
  /** Mean and variance of the natural logarithm. */
  readonly mean: number;
  readonly variance: number;
};

/** The share of its weight that an observation keeps when the next one comes: packages change. */
const kept = 0.9;
const smallest = 1e-3;

/** An estimate that counts as much as `weight` observations. `spread`: the factor of one standard deviation. */
export function guess(median: number, spread: number, weight: number): Estimate {
  return { weight, mean: Math.log(median), variance: Math.log(spread) ** 2 };
}

export function observe(estimate: Estimate, value: number): Estimate {
  const weight = estimate.weight * kept + 1;
  const share = 1 / weight;
  const distance = Math.log(Math.max(value, smallest)) - estimate.mean;
  return {
    weight,
    mean: estimate.mean + share * distance,
    variance: (1 - share) * (estimate.variance + share * distance * distance),
  };
}

/** As `observe`, but what was seen fades only once there is more of it than `weightMax`. */
export function accumulate(estimate: Estimate, value: number, weightMax: number): Estimate {
  return observe({ ...estimate, weight: Math.min(estimate.weight, weightMax) / kept }, value);
}

/** What is to be expected on average. */
export function expected({ mean, variance }: Estimate): number {
  return Math.exp(mean + variance / 2);
}

/** The value that is exceeded only as often as a normal quantity exceeds its mean by so many standard deviations. */
export function quantile({ mean, variance }: Estimate, deviations: number): number {
  return Math.exp(mean + deviations * Math.sqrt(variance));
}
