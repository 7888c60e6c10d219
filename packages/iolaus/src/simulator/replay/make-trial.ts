import type { Random } from '../random.ts';
import { buildTimes } from './build-times.ts';
import type { GraphNode } from './make-graph.ts';
import { pathOf } from './workload.ts';
import type { WorkEvaluation, Workload, WorkStep } from './workload.ts';

/** A farm's day: an evaluation of everything, and others of what has changed since. */
export type TrialOptions = {
  /** Later evaluations. */
  readonly later: number;
  /** Mean seconds between two. */
  readonly pause: number;
  /** Median build time of a package in seconds; sources take a twelfth. */
  readonly medianSeconds: number;
};

/**
 * The first evaluation builds the whole graph; each later one what depends on one to four derivations that have changed,
 * picked at random, on top of what had changed before.
 */
export function makeTrial(
  graph: readonly GraphNode[],
  options: TrialOptions,
  random: Random,
): Workload {
  const steps: WorkStep[] = [];
  const latest = new Int32Array(graph.length);
  const time = buildTimes(options.medianSeconds, random.branch('times'));
  const build = (place: number): void => {
    const node = nodeAt(graph, place);
    latest[place] = steps.length;
    steps.push({
      derivation: pathOf(steps.length, node.name),
      system: node.system,
      requiredFeatures: node.requiredFeatures,
      seconds: time(node),
      inputs: node.inputs.map((input) => latest[input] ?? 0),
    });
  };
  const jobs = [...graph.keys()].filter((place) => nodeAt(graph, place).isJob);
  const evaluate = (at: number, places: readonly number[]): WorkEvaluation => {
    return { at, jobset: 1, builds: places.map((place) => latest[place] ?? 0) };
  };
  for (const place of graph.keys()) build(place);
  const evaluations = [evaluate(0, jobs)];
  let at = 0;
  for (let count = 0; count < options.later; count += 1) {
    at -= Math.log(1 - random.fraction()) * options.pause;
    const affected = affectedBy(graph, pickSome(random, graph.length));
    for (const place of graph.keys()) if (affected[place] === 1) build(place);
    const changed = jobs.filter((place) => affected[place] === 1);
    if (changed.length > 0) evaluations.push(evaluate(at, changed));
  }
  return { steps, evaluations };
}

function pickSome(random: Random, limit: number): number[] {
  return Array.from({ length: 1 + random.below(4) }, () => random.below(limit));
}

/** The changed nodes and all above them. */
function affectedBy(graph: readonly GraphNode[], changed: readonly number[]): Uint8Array {
  const affected = new Uint8Array(graph.length);
  for (const place of changed) affected[place] = 1;
  for (const [place, { inputs }] of graph.entries()) {
    if (inputs.some((input) => affected[input] === 1)) affected[place] = 1;
  }
  return affected;
}

function nodeAt(graph: readonly GraphNode[], place: number): GraphNode {
  const node = graph[place];
  if (node === undefined) throw new Error(`a graph has no node ${place}`);
  return node;
}
