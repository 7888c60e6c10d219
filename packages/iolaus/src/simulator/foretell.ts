import type { Graph, Node } from './graph.ts';
import type { Fate } from './plan.ts';

/** Hydra's numbers for how a build ends. */
export const status = {
  succeeded: 0,
  failed: 1,
  dependencyFailed: 2,
  aborted: 3,
  cancelled: 4,
  timedOut: 7,
  unsupported: 9,
  logLimitExceeded: 10,
} as const;

const ownFailure: Readonly<Record<Exclude<Fate, 'succeeds'>, number>> = {
  fails: status.failed,
  'times-out': status.timedOut,
  'exceeds-log-limit': status.logLimitExceeded,
};

/** How a build of this node may end if nothing but the derivations themselves decides. */
export function foretell(graph: Graph, node: Node): ReadonlySet<number> {
  const statuses = new Set<number>();
  for (const next of graph.below(node)) {
    const { fate } = next.plan;
    if (fate === 'succeeds' || next.inputs.some((input) => !isBuildable(graph, input))) continue;
    statuses.add(next !== node && fate === 'fails' ? status.dependencyFailed : ownFailure[fate]);
  }
  return statuses.size === 0 ? new Set([status.succeeded]) : statuses;
}

const isBuildable = (graph: Graph, node: Node): boolean =>
  [...graph.below(node)].every(({ plan }) => plan.fate === 'succeeds');
