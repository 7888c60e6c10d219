import type { BuildFacts, StepFacts } from '../../packages/iolaus/src/farm/facts.ts';
import type { GraphNode } from '../../packages/iolaus/src/simulator/replay/make-graph.ts';
import { median } from '../report.ts';
import { buildFacts, stepFacts } from './parsed-facts.ts';
import { ableMachines, Scene } from './scene.ts';

const kinds = { systems: ['x86_64-linux'], features: ['big-parallel'] };

/** What else the machine does shows in one series or another: the median of so many is told. */
const series = 5;

/** Milliseconds from the end of a step to the next decision, all machines busy: what one in a hundred exceeds. */
export function measureDispatch(runnable: number): number {
  const rounds = 2_000;
  const scene = crowdedScene(runnable + 800 + rounds * series);
  const measure = (): number => {
    const times = Array.from({ length: rounds }, () => {
      const began = performance.now();
      scene.finishOldest();
      return performance.now() - began;
    });
    return times.toSorted((one, other) => one - other)[Math.floor(rounds * 0.99)] ?? Number.NaN;
  };
  return median(Array.from({ length: series }, measure));
}

/** Steps that end and are followed by others, a second. */
export function measurePairs(runnable: number): number {
  const rounds = 10_000;
  const scene = crowdedScene(runnable + rounds * (series + 1));
  const measure = (): number => {
    const began = performance.now();
    for (let round = 0; round < rounds; round += 1) scene.finishOldest();
    return rounds / ((performance.now() - began) / 1_000);
  };
  // The first series is for the compiler.
  measure();
  return median(Array.from({ length: series }, measure));
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
