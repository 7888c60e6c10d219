import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphNode } from '../../packages/iolaus/src/testing/twin-graph.ts';
import { openFleet } from './fleet.ts';
import { chooseJobs, countUntilWide } from './jobs.ts';
import type { BuilderWatch } from './made-up-builder.ts';
import { openRunnerScene, untilQueued } from './scene.ts';
import { writeOutputs, writeTwins } from './twin-store.ts';

const builderCount = 200;
const slots = 5;
// Long enough for all slots to be busy when the runner is killed, and for some to fall free while it is away.
const buildMilliseconds = 20_000;

export type RestartFigures = {
  readonly restartSeconds: number;
  readonly stepsLost: number;
  readonly stepsTwice: number;
};

/** Kills a runner whose builders are busy, and starts another: until all steps are taken back and new ones are given out. */
export async function measureRestart(nodes: readonly GraphNode[]): Promise<RestartFigures> {
  await using scene = await openRunnerScene();
  const twins = writeTwins(scene.storeDirectory, nodes);
  // The bootstrap is one long chain, with which a thousand slots would have nothing to do.
  const built = twins.slice(0, countUntilWide(nodes, builderCount * slots * 2));
  for (const twin of built) writeOutputs(scene.storeDirectory, twin.outputs.values());
  await scene.queue(chooseJobs(nodes.slice(built.length), twins));
  const tally = openTally();
  const first = await scene.startRunner(null);
  await untilQueued(scene, first);
  const like = {
    ...{ slots, buildMilliseconds, watch: tally.watch },
    ...{ endpoint: first.endpoint, storeDirectory: scene.storeDirectory },
  };
  await using _fleet = openFleet({ ...like, count: builderCount });
  while (first.counts().leased < builderCount * slots) await sleep(20);
  await first.kill();
  tally.restart();
  const began = performance.now();
  await using second = await scene.startRunner(null);
  // The others have no slot free before a build ends.
  await using _idle = openFleet({ ...like, count: 1 });
  while (tally.joined <= builderCount || tally.orders === 0) await sleep(20);
  const restartSeconds = (performance.now() - began) / 1_000;
  // Whatever would be given out once more has been by then.
  await untilQueued(scene, second);
  await sleep(buildMilliseconds);
  return { restartSeconds, stepsLost: tally.lost, stepsTwice: tally.twice };
}

type Tally = {
  readonly watch: BuilderWatch;
  /** What follows is counted anew. */
  restart(): void;
  readonly joined: number;
  readonly orders: number;
  readonly lost: number;
  readonly twice: number;
};

function openTally(): Tally {
  const built = new Set<string>();
  let joined = 0;
  let orders = 0;
  let lost = 0;
  let twice = 0;
  const watch: BuilderWatch = {
    ordered: () => {
      orders += 1;
    },
    built: ({ derivationPath }) => {
      if (built.has(derivationPath)) twice += 1;
      built.add(derivationPath);
    },
    acknowledged: () => {},
    joined: (takenBack, held) => {
      joined += 1;
      lost += held - takenBack;
    },
  };
  return {
    watch,
    restart: () => {
      joined = 0;
      orders = 0;
    },
    get joined() {
      return joined;
    },
    get orders() {
      return orders;
    },
    get lost() {
      return lost;
    },
    get twice() {
      return twice;
    },
  };
}
