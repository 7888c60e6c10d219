import { makeGraph } from '../../packages/iolaus/src/simulator/replay/make-graph.ts';
import { seededRandom } from '../../packages/iolaus/src/simulator/random.ts';
import { readGraph, sinks } from '../../packages/iolaus/src/testing/twin-graph.ts';
import type { GraphNode } from '../../packages/iolaus/src/testing/twin-graph.ts';
import type { Twin } from './twin-store.ts';

// As many as nixpkgs 26.11 has for one system.
const nixpkgsDerivations = 203_205;

/** A recorded graph, or one that is made up like nixpkgs. */
export function graphOf(file: string | undefined): GraphNode[] {
  if (file !== undefined) return readGraph(file, Infinity);
  return makeGraph(nixpkgsDerivations, seededRandom(1)).map(({ name, inputs, isJob }, id) => ({
    id,
    name,
    outputs: ['out'],
    inputDrvs: [...inputs],
    isTopLevel: isJob,
  }));
}

/** What an evaluation of the graph would queue: what was recorded as a job, else what nothing else needs. */
export function chooseJobs(nodes: readonly GraphNode[], twins: readonly Twin[]): Twin[] {
  const recorded = nodes.filter(({ isTopLevel }) => isTopLevel === true);
  const jobs = recorded.length > 0 ? recorded : sinks(nodes);
  return jobs.flatMap(({ id }) => twins[id] ?? []);
}

/** So many of the first nodes that at least `width` others need nothing but them. */
export function countUntilWide(nodes: readonly GraphNode[], width: number): number {
  const isWide = (count: number): boolean =>
    nodes.slice(count).filter(({ inputDrvs }) => inputDrvs.every((id) => id < count)).length >=
    width;
  let count = 1;
  while (count < nodes.length && !isWide(count)) count *= 2;
  return Math.min(count, nodes.length);
}
