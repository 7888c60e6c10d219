import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphNode } from '../../packages/iolaus/src/testing/twin-graph.ts';
import { measureTree } from '../process-use.ts';
import { openFleet } from './fleet.ts';
import { openRunnerScene } from './scene.ts';
import { writeTwins } from './twin-store.ts';

const builderCount = 200;
const slots = 4;
// Of so many steps one is a build of its own; nixpkgs has 203,205 derivations for 58,781 builds.
const stepsPerBuild = 3;

// 800 slots, a step in each: 1,143 a second.
const pacedBuildMilliseconds = 700;

export type ThroughputFigures = {
  readonly stepsPerSecond: number;
  readonly cpuMsPerStep: number;
  readonly databaseCpuMsPerStep: number;
  readonly pacedStepsPerSecond: number;
  readonly ackP99Ms: number;
};

/**
 * Steps that take no time, as fast as they go, and steps at a pace of somewhat more than a thousand a second, for which
 * builders wait until a report is taken. No daemon is asked what is in the store; everything else is as ever.
 */
export async function measureThroughput(options: {
  readonly fastSteps: number;
  readonly pacedSteps: number;
}): Promise<ThroughputFigures> {
  const fast = await play(options.fastSteps, 0);
  const paced = await play(options.pacedSteps, pacedBuildMilliseconds);
  return {
    stepsPerSecond: fast.stepsPerSecond,
    cpuMsPerStep: fast.cpuMsPerStep,
    databaseCpuMsPerStep: fast.databaseCpuMsPerStep,
    pacedStepsPerSecond: paced.stepsPerSecond,
    ackP99Ms: paced.ackP99Ms,
  };
}

async function play(
  steps: number,
  buildMilliseconds: number,
): Promise<Omit<ThroughputFigures, 'pacedStepsPerSecond'>> {
  await using scene = await openRunnerScene();
  const wanted = steps - (steps % stepsPerBuild);
  const twins = writeTwins(scene.storeDirectory, chains(wanted));
  await scene.queue(twins.filter((_, index) => index % stepsPerBuild === stepsPerBuild - 1));
  await using runner = await scene.startRunner(null);
  const delays: number[] = [];
  const use = () => ({
    runner: runner.cpuSeconds(),
    database: measureTree(scene.databaseProcess).cpuSeconds,
  });
  // The queue is read first, so that only steps are measured.
  while (runner.counts().steps < wanted) await sleep(100);
  const before = use();
  const began = performance.now();
  await using _fleet = openFleet({
    count: builderCount,
    slots,
    buildMilliseconds,
    endpoints: [runner.endpoint],
    storeDirectory: scene.storeDirectory,
    watch: {
      ordered: () => {},
      built: () => {},
      joined: () => {},
      acknowledged: (_order, milliseconds) => delays.push(milliseconds),
    },
  });
  while (delays.length < wanted) await sleep(20);
  const seconds = (performance.now() - began) / 1_000;
  const after = use();
  const perStep = (cpuSeconds: number): number => (cpuSeconds * 1_000) / wanted;
  return {
    stepsPerSecond: wanted / seconds,
    cpuMsPerStep: perStep(after.runner - before.runner),
    databaseCpuMsPerStep: perStep(after.database - before.database),
    ackP99Ms: quantile(delays, 0.99),
  };
}

/** Chains of as many steps as a build has. */
function chains(steps: number): GraphNode[] {
  return Array.from({ length: steps }, (_, id) => ({
    id,
    name: `step-${id}`,
    outputs: ['out'],
    inputDrvs: id % stepsPerBuild === 0 ? [] : [id - 1],
  }));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
