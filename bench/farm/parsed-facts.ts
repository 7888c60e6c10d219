import { parseBaseName } from '../../packages/nix/src/index.ts';
import type { StorePath } from '../../packages/nix/src/index.ts';
import type { BuildFacts, StepFacts } from '../../packages/iolaus/src/farm/facts.ts';
import { buildId, evaluationId, jobsetId } from '../../packages/iolaus/src/farm/identity.ts';
import type { GraphNode } from '../../packages/iolaus/src/simulator/replay/make-graph.ts';
import { pathOf } from '../../packages/iolaus/src/simulator/replay/workload.ts';

/** Facts as a reader of derivations hands them over: every string is its own, read from another file. */
export function stepFacts(
  graph: readonly GraphNode[],
  place: number,
  output?: readonly ['out', null],
): StepFacts {
  const { name, system, requiredFeatures, inputs } = nodeAt(graph, place);
  return {
    derivation: pathOf(place, name),
    system,
    requiredFeatures,
    outputs: new Map<string, StorePath | null>([
      output ?? ['out', parseBaseName(`${String(place).padStart(32, '1')}-${name}`)],
    ]),
    inputs: inputs.map((input) => pathOf(input, nodeAt(graph, input).name)),
    failedBefore: false,
  };
}

export function buildFacts(
  graph: readonly GraphNode[],
  place: number,
  id: number,
  evaluation = 1,
): BuildFacts {
  return {
    id: buildId(id),
    derivation: pathOf(place, nodeAt(graph, place).name),
    jobset: jobsetId(1),
    evaluation: evaluationId(evaluation),
    globalPriority: 0,
    localPriority: 100,
    maxSilentSeconds: null,
    timeoutSeconds: null,
  };
}

function nodeAt(graph: readonly GraphNode[], place: number): GraphNode {
  const node = graph[place];
  if (node === undefined) throw new Error(`a graph has no node ${place}`);
  return node;
}
