import type { BuildFacts, StepFacts } from '../../packages/iolaus/src/farm/facts.ts';
import type { GraphNode } from '../../packages/iolaus/src/simulator/replay/make-graph.ts';
import { buildFacts, stepFacts } from './parsed-facts.ts';
import { ableMachines, Scene } from './scene.ts';

const kinds = { systems: ['x86_64-linux'], features: ['big-parallel'] };

/** Milliseconds from the end of a step to the next decision, all machines busy: what one in a hundred exceeds. */
export function measureDispatch(runnable: number): number {
  const scene = crowdedScene(runnable + 800);
  const rounds = 5_000;
  const times = Array.from({ length: rounds }, () => {
    const began = performance.now();
    scene.finishOldest();
    return performance.now() - began;
  });
  return times.toSorted((one, other) => one - other)[Math.floor(rounds * 0.99)] ?? Number.NaN;
}

/** Steps that end and are followed by others, a second. */
export function measurePairs(runnable: number): number {
  const scene = crowdedScene(runnable + 60_000);
  for (let round = 0; round < 10_000; round += 1) scene.finishOldest();
  const rounds = 50_000;
  const began = performance.now();
  for (let round = 0; round < rounds; round += 1) scene.finishOldest();
  return rounds / ((performance.now() - began) / 1_000);
}

/** Steps of a dozen evaluations that wait for 200 busy machines of four slots. */
function crowdedScene(steps: number): Scene {
  const scene = new Scene();
  scene.join(ableMachines(200, 4, kinds));
  const graph: GraphNode[] = Array.from({ length: steps }, (_, place) => ({
    name: `package${place % 9_000}-1.${place}`,
    system: 'x86_64-linux',
    requiredFeatures: place % 40 === 0 ? ['big-parallel'] : [],
    isFixedOutput: false,
    isJob: true,
    inputs: [],
  }));
  const evaluations = 12;
  for (let evaluation = 0; evaluation < evaluations; evaluation += 1) {
    const places = [...graph.keys()].filter((place) => place % evaluations === evaluation);
    const facts: StepFacts[] = places.map((place) => stepFacts(graph, place, ['out', null]));
    const builds: BuildFacts[] = places.map((place) =>
      buildFacts(graph, place, place + 1, evaluation + 1),
    );
    scene.apply({ type: 'builds-queued', builds, steps: facts });
  }
  return scene;
}
