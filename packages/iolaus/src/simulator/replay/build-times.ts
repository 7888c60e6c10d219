import { packageName } from '../../farm/prediction/package-name.ts';
import type { Random } from '../random.ts';
import type { GraphNode } from './make-graph.ts';

/** Build times of packages differ by this factor in one standard deviation, those of one package by far less. */
const betweenPackages = Math.log(3.7);
const withinPackage = Math.log(1.35);
const betweenFetches = Math.log(1.65);
/** Sources come in a twelfth of the time. */
const fetchPart = 1 / 12;
const longestSeconds = 36_000;

/** Made-up build times in seconds: log-normal about the median, and much alike for one package. */
export function buildTimes(medianSeconds: number, random: Random): (node: GraphNode) => number {
  const packages = new Map<string, number>();
  const median = Math.log(medianSeconds);
  return ({ name, isFixedOutput }) => {
    if (isFixedOutput) {
      return Math.exp(median + Math.log(fetchPart) + betweenFetches * normal(random));
    }
    const key = packageName(name);
    let mean = packages.get(key);
    if (mean === undefined) packages.set(key, (mean = median + betweenPackages * normal(random)));
    return Math.min(Math.exp(mean + withinPackage * normal(random)), longestSeconds);
  };
}

/** Box and Muller's. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.fraction()));
  return radius * Math.cos(2 * Math.PI * random.fraction());
}
