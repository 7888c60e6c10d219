import type { BuilderFacts } from '../facts.ts';
import type { MachineOrder } from './policy.ts';

type Score = (facts: BuilderFacts) => number;

/** Hydra's scores, in its single precision; higher is better. */
export const scores: { readonly [Order in Exclude<MachineOrder, 'BestFit'>]: Score } = {
  SpeedFactorOnly: ({ speedFactor }) => single(speedFactor),
  CpuCoreCountWithSpeedFactor: ({ speedFactor, cpuCount }) => product(speedFactor, cpuCount),
  BogomipsWithSpeedFactor: ({ speedFactor, bogomips, cpuCount }) =>
    product(product(speedFactor, bogomips > 1 ? bogomips : 1), cpuCount),
};

const single = Math.fround;
const product = (one: number, other: number): number => single(single(one) * single(other));
