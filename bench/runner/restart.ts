import type { GraphNode } from '../../packages/iolaus/src/testing/twin-graph.ts';
import { openBusyFarm } from './busy-farm.ts';

export type RestartFigures = {
  readonly restartSeconds: number;
  readonly stepsLost: number;
  readonly stepsTwice: number;
};

/** Kills a runner whose builders are busy, and starts another: until all steps are taken back and new ones are given out. */
export async function measureRestart(nodes: readonly GraphNode[]): Promise<RestartFigures> {
  await using farm = await openBusyFarm(nodes, { hasStandby: false });
  await farm.killLeader();
  const began = performance.now();
  await using second = await farm.scene.startRunner(null);
  await farm.takenOver(second);
  const restartSeconds = (performance.now() - began) / 1_000;
  const { lost, twice } = await farm.outcome(second);
  return { restartSeconds, stepsLost: lost, stepsTwice: twice };
}
