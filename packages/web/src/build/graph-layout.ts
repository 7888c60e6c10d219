import { coordGreedy, decrossTwoLayer, graphStratify, layeringLongestPath, sugiyama } from 'd3-dag';
import type { GraphNode } from '../api/v2.ts';

export const nodeWidth = 190;
export const nodeHeight = 26;
const gap = { across: 10, along: 46 };

export type Placed = { readonly node: GraphNode; readonly x: number; readonly y: number };

/** From an input to what needs it, by way of points between. */
export type Edge = {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Whether it is a part of the longest way, and no short cut beside it. */
  readonly isCritical: boolean;
};

export type Layout = {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Placed[];
  readonly edges: readonly Edge[];
};

/** Places steps from left to right: what is needed stands before what needs it. */
export function layOut(nodes: readonly GraphNode[]): Layout {
  const graph = graphStratify()
    .id(({ derivation }: GraphNode) => derivation)
    .parentIds(({ inputs }: GraphNode) => inputs)([...nodes]);
  // The heuristics that take no time for hundreds of steps; layers are laid out downwards, so that the axes are swapped.
  const { width, height } = sugiyama()
    .layering(layeringLongestPath())
    .decross(decrossTwoLayer())
    .coord(coordGreedy())
    .nodeSize([nodeHeight, nodeWidth])
    .gap([gap.across, gap.along])(graph);
  const placed = [...graph.nodes()];
  const longestWay = placed.filter(({ data }) => data.isCritical).map(({ y }) => y);
  return {
    width: height,
    height: width,
    nodes: placed.map(({ data, x, y }) => ({ node: data, x: y, y: x })),
    edges: [...graph.links()].map(({ source, target, points }) => ({
      points: points.map(([across, along]) => [along, across] as const),
      isCritical:
        source.data.isCritical &&
        target.data.isCritical &&
        !longestWay.some((y) => source.y < y && y < target.y),
    })),
  };
}
