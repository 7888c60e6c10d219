import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphNode } from '../../packages/iolaus/src/testing/twin-graph.ts';
import { openFleet } from './fleet.ts';
import { chooseJobs, countUntilWide } from './jobs.ts';
import type { BuilderWatch } from './made-up-builder.ts';
import type { RunnerProcess } from './runner-process.ts';
import { openRunnerScene, untilQueued } from './scene.ts';
import type { RunnerScene } from './scene.ts';
import { writeOutputs, writeTwins } from './twin-store.ts';

const builderCount = 200;
const slots = 5;
// Long enough for all slots to be busy when the runner is killed, and for some to fall free while it is away.
const buildMilliseconds = 20_000;

/** A graph that is queued, and as many builders at work on it as a large farm has. */
export interface BusyFarm extends AsyncDisposable {
  readonly scene: RunnerScene;
  /** Null where nobody stands by. */
  readonly standby: RunnerProcess | null;
  /** SIGKILL, in the middle of it all. */
  killLeader(): Promise<void>;
  /** Resolves when everybody has been taken back by the next one, and something new has been given out. */
  takenOver(next: RunnerProcess): Promise<void>;
  /** What went wrong, when all that was running has been built and all that is queued is known. */
  outcome(next: RunnerProcess): Promise<{ readonly lost: number; readonly twice: number }>;
}

export async function openBusyFarm(
  nodes: readonly GraphNode[],
  { hasStandby }: { readonly hasStandby: boolean },
): Promise<BusyFarm> {
  await using starting = new AsyncDisposableStack();
  const scene = starting.use(await openRunnerScene());
  await queueGraph(scene, nodes);
  const leader = starting.use(await scene.startRunner(null));
  await untilQueued(scene, leader);
  const standby = hasStandby ? starting.use(await openWarmStandby(scene, leader)) : null;
  const tally = openTally();
  const { storeDirectory } = scene;
  const like = { slots, buildMilliseconds, watch: tally.watch, storeDirectory };
  const endpoints = [leader.endpoint, ...(standby === null ? [] : [standby.endpoint])];
  starting.use(openFleet({ ...like, endpoints, count: builderCount }));
  while (leader.counts().leased < builderCount * slots) await sleep(20);
  const running = starting.move();
  return {
    scene,
    standby,
    killLeader: () => {
      tally.restart();
      return leader.kill();
    },
    async takenOver({ endpoint }) {
      // The others have no slot free before a build ends.
      running.use(openFleet({ ...like, endpoints: [endpoint], count: 1 }));
      while (tally.joined <= builderCount || tally.orders === 0) await sleep(20);
    },
    async outcome(next) {
      // Whatever would be given out once more has been by then.
      await untilQueued(scene, next);
      await sleep(buildMilliseconds);
      return { lost: tally.lost, twice: tally.twice };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function queueGraph(scene: RunnerScene, nodes: readonly GraphNode[]): Promise<void> {
  const twins = writeTwins(scene.storeDirectory, nodes);
  // The bootstrap is one long chain, with which a thousand slots would have nothing to do.
  const built = twins.slice(0, countUntilWide(nodes, builderCount * slots * 2));
  for (const twin of built) writeOutputs(scene.storeDirectory, twin.outputs.values());
  await scene.queue(chooseJobs(nodes.slice(built.length), twins));
}

async function openWarmStandby(scene: RunnerScene, leader: RunnerProcess): Promise<RunnerProcess> {
  const standby = await scene.startRunner(null, { standsBy: true });
  while (standby.derivationsRead() < leader.counts().steps) await sleep(100);
  return standby;
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
      // What the one before had sent by then does not count.
      if (joined === 0) orders = 0;
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
