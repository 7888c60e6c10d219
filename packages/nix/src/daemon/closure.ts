import type { PathInfo } from '../path-info/path-info.ts';
import type { StorePath } from '../store-path/store-path.ts';
import type { DaemonConnection } from './connection.ts';

export type ClosureOptions = {
  /** Path infos that need not be asked for; what is learnt is added. */
  readonly known?: Map<StorePath, PathInfo>;
};

/**
 * The roots and all they refer to, each after its references. Asks once a level of the graph. Roots
 * that are not valid are left out.
 */
export async function queryClosure(
  connection: Pick<DaemonConnection, 'queryPathInfos'>,
  roots: readonly StorePath[],
  { known = new Map() }: ClosureOptions = {},
): Promise<PathInfo[]> {
  const members = new Set<StorePath>();
  for (let level = [...new Set(roots)]; level.length > 0;) {
    for (const path of level) members.add(path);
    await learn(connection, level, known);
    const references = level.flatMap((path) => known.get(path)?.references ?? []);
    level = [...new Set(references)].filter((path) => !members.has(path));
  }
  return referencesFirst(members, known);
}

async function learn(
  connection: Pick<DaemonConnection, 'queryPathInfos'>,
  paths: readonly StorePath[],
  known: Map<StorePath, PathInfo>,
): Promise<void> {
  const unknown = paths.filter((path) => !known.has(path));
  if (unknown.length === 0) return;
  for (const info of await connection.queryPathInfos(unknown))
    if (info !== null) known.set(info.path, info);
}

/** Depth first without recursion: chains of references can be longer than the stack. */
function referencesFirst(
  members: Iterable<StorePath>,
  known: ReadonlyMap<StorePath, PathInfo>,
): PathInfo[] {
  const sorted: PathInfo[] = [];
  const seen = new Set<StorePath>();
  for (const root of members) {
    const trail = [visit(root)];
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const next = step.pending.pop();
      if (next !== undefined) trail.push(visit(next));
      else {
        trail.pop();
        if (step.info !== undefined) sorted.push(step.info);
      }
    }
  }
  return sorted;

  function visit(path: StorePath): { info: PathInfo | undefined; pending: StorePath[] } {
    const info = seen.has(path) ? undefined : known.get(path);
    seen.add(path);
    return { info, pending: [...(info?.references ?? [])] };
  }
}
