import type { GraphNode } from '../../packages/iolaus/src/testing/twin-graph.ts';
import { openBusyFarm } from './busy-farm.ts';
import { untilQueued } from './scene.ts';

export type TakeoverFigures = {
  readonly takeoverSeconds: number;
  readonly takeoverQueueSeconds: number;
  readonly takeoverLost: number;
  readonly takeoverTwice: number;
  readonly standbyRssMb: number;
};

/** Kills a runner whose builders are busy while another stands by, which has read all that is queued. */
export async function measureTakeover(nodes: readonly GraphNode[]): Promise<TakeoverFigures> {
  await using farm = await openBusyFarm(nodes, { hasStandby: true });
  const { scene, standby } = farm;
  if (standby === null) throw new Error('nobody stands by');
  let standbyRssMb = standby.memoryMb();
  const began = performance.now();
  const sinceThen = (): number => (performance.now() - began) / 1_000;
  await farm.killLeader();
  await farm.takenOver(standby);
  const takeoverSeconds = sinceThen();
  await untilQueued(scene, standby, () => {
    standbyRssMb = Math.max(standbyRssMb, standby.memoryMb());
  });
  const takeoverQueueSeconds = sinceThen();
  const { lost, twice } = await farm.outcome(standby);
  return {
    takeoverSeconds,
    takeoverQueueSeconds,
    standbyRssMb,
    takeoverLost: lost,
    takeoverTwice: twice,
  };
}
