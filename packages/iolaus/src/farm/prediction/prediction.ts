import { accumulate, expected, guess, observe, quantile } from './estimate.ts';
import type { Estimate } from './estimate.ts';
import { SmallSet } from '../graph/small-set.ts';
import type { Step } from '../graph/step.ts';
import { isFetched } from './package-name.ts';

/** What a step used, as far as somebody measured it. */
export type StepUse = {
  /** Build time on a machine of speed 1. */
  readonly seconds: number;
  /** Processor time over build time. */
  readonly cores?: number | null | undefined;
  readonly peakMemoryBytes?: number | null | undefined;
};

/** What is known of the builds of one package for one system. */
export type PackageHistory = {
  readonly system: string;
  readonly family: Family;
  seconds: Estimate | undefined;
  cores: Estimate | undefined;
  memory: Estimate | undefined;
};

/** The same package for all systems. */
export type Family = {
  readonly name: string;
  readonly systems: PackageHistory[];
  seconds: Estimate | undefined;
  /** The mean that the family's unfinished steps were last told. */
  toldMean: number;
  /** Unfinished steps that count on what is known. */
  readonly steps: SmallSet<Step>;
};

/** All that was learned of what steps need. */
export type Predictions = {
  readonly families: Map<string, Family>;
  /** Of packages that nobody has built yet, by what the name tells. */
  built: Estimate;
  fetched: Estimate;
};

/** Median and spread of build times on large farms: most are short, a few take hours. */
const unknownBuild = guess(40, 3.5, 2);
/** Sources come quickly. */
const unknownFetch = guess(5, 2, 2);
/** Builds of one package differ by their versions, and by what else the machine does. */
const withinPackage = Math.log(1.35) ** 2;
/** What is known of one system tells of another, machines differ. */
const betweenSystems = Math.log(1.6) ** 2;

/** Packages that count for unknown ones: enough for a steady mean, few enough to follow a farm whose machines change. */
const packagesMax = 500;

/** Most builds use one core most of the time; a tenth of them takes all that they are given. */
const unknownCores = guess(1.2, 2, 0.5);
const unknownMemory = guess(400 * 2 ** 20, 3, 0.5);
/** Of ten steps nine need no more than what is kept free for them. */
const ninetyPercent = 1.2816;

export function createPredictions(): Predictions {
  return {
    families: new Map(),
    built: unknownBuild,
    fetched: unknownFetch,
  };
}

/** One object for all steps of the package and system. */
export function historyOf({ families }: Predictions, name: string, system: string): PackageHistory {
  let family = families.get(name);
  if (family === undefined) {
    family = { name, seconds: undefined, toldMean: -Infinity, systems: [], steps: new SmallSet() };
    families.set(name, family);
  }
  const known = family.systems.find((history) => history.system === system);
  if (known !== undefined) return known;
  const history = { system, family, seconds: undefined, cores: undefined, memory: undefined };
  family.systems.push(history);
  return history;
}

/** A step has shown what it needs. Times that no clock can have measured are left out. */
export function learn(predictions: Predictions, history: PackageHistory, use: StepUse): void {
  const { seconds, cores, peakMemoryBytes } = use;
  if (Number.isFinite(seconds) && seconds >= 0) learnSeconds(predictions, history, seconds);
  if (isAmount(cores)) history.cores = observe(history.cores ?? unknownCores, cores);
  if (isAmount(peakMemoryBytes)) {
    history.memory = observe(history.memory ?? unknownMemory, peakMemoryBytes);
  }
}

function learnSeconds(predictions: Predictions, history: PackageHistory, seconds: number): void {
  const { family } = history;
  const isFirst = family.seconds === undefined;
  history.seconds = observe(history.seconds ?? nothing(withinPackage), seconds);
  family.seconds = observe(family.seconds ?? nothing(betweenSystems), seconds);
  // Each package counts once for those that are unknown, however often it is built.
  if (!isFirst) return;
  if (isFetched(family.name))
    predictions.fetched = accumulate(predictions.fetched, seconds, packagesMax);
  else predictions.built = accumulate(predictions.built, seconds, packagesMax);
}

/** How long a step will take on a machine of speed 1, in seconds. */
export function predictSeconds(predictions: Predictions, history: PackageHistory): number {
  const { seconds, family } = history;
  if (seconds !== undefined) return expected({ ...seconds, variance: withinPackage });
  if (family.seconds !== undefined)
    return expected({ ...family.seconds, variance: betweenSystems });
  return expected(isFetched(family.name) ? predictions.fetched : predictions.built);
}

/** Processor cores that the step will keep busy nine times out of ten; undefined: nobody has measured its package. */
export function predictCores({ cores }: PackageHistory): number | undefined {
  return cores === undefined ? undefined : quantile(cores, ninetyPercent);
}

/** Memory that it will need at most, nine times out of ten. */
export function predictMemoryBytes({ memory }: PackageHistory): number | undefined {
  return memory === undefined ? undefined : quantile(memory, ninetyPercent);
}

const isAmount = (value: number | null | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

const nothing = (variance: number): Estimate => ({ weight: 0, mean: 0, variance });
