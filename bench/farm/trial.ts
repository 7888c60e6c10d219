import type { SelectionName } from '../../packages/iolaus/src/farm/selection/policy.ts';
import { seededRandom } from '../../packages/iolaus/src/simulator/random.ts';
import type { ReplayResult } from '../../packages/iolaus/src/simulator/replay/ledger.ts';
import { makeGraph } from '../../packages/iolaus/src/simulator/replay/make-graph.ts';
import type { GraphNode } from '../../packages/iolaus/src/simulator/replay/make-graph.ts';
import { makeTrial } from '../../packages/iolaus/src/simulator/replay/make-trial.ts';
import { oracleMakespan } from '../../packages/iolaus/src/simulator/replay/oracle.ts';
import { Replay } from '../../packages/iolaus/src/simulator/replay/replay.ts';
import { turnaroundFloor } from '../../packages/iolaus/src/simulator/replay/turnaround-floor.ts';
import { ableMachines, farmSettings } from './scene.ts';

/** Large enough for work, and not one chain, to decide how long it takes, as it is with all of nixpkgs. */
const graphSize = 40_000;
const trialsMax = 20;
const trialsMin = 3;

/** One seed: the same evaluations under every policy. */
export type Trial = {
  readonly oracle: number;
  /** No policy's mean turnaround can be less. */
  readonly floor: number;
  /** Hydra's three, everything in one jobset. */
  readonly hydra: ReadonlyMap<SelectionName, ReplayResult>;
  /** `WithCriticalPath` with a jobset for each evaluation, charged while its steps run. */
  readonly fair: ReplayResult;
  readonly ours: ReplayResult;
};

/** Fewer seeds for a graph that takes longer. */
export function runTrials(
  given: readonly GraphNode[] | undefined,
  say: (progress: string) => void,
): Trial[] {
  const size = given?.length ?? graphSize;
  const seeds = Math.round((trialsMax * graphSize) / size);
  const count = Math.min(Math.max(seeds, trialsMin), trialsMax);
  return Array.from({ length: count }, (_, index) => {
    say(`trial ${index + 1} of ${count}, ${size} derivations`);
    return runTrial(index + 1, given);
  });
}

function runTrial(seed: number, given: readonly GraphNode[] | undefined): Trial {
  const random = seededRandom(seed);
  const graph = given ?? makeGraph(graphSize, random.branch('graph'));
  const options = { later: 7 + random.below(5), pause: 1_800, medianSeconds: 60 };
  const workload = makeTrial(graph, options, random.branch('trial'));
  const slots = 24 + random.below(72);
  const builders = ableMachines(slots, 1, {
    systems: [...new Set(graph.map(({ system }) => system))],
    features: [...new Set(graph.flatMap(({ requiredFeatures }) => requiredFeatures))],
  });
  const run = (selection: SelectionName, jobsetEach = false): ReplayResult =>
    new Replay(workload, builders, { settings: { ...farmSettings, selection }, jobsetEach }).run();
  const names: readonly SelectionName[] = ['Legacy', 'WithRdeps', 'WithCriticalPath'];
  return {
    oracle: oracleMakespan(workload, slots),
    floor: turnaroundFloor(workload, slots),
    hydra: new Map(names.map((name) => [name, run(name)])),
    fair: run('WithCriticalPath', true),
    ours: run('TwoLevel'),
  };
}
