import type { PathInfo } from '../path-info/path-info.ts';
import type { StorePath } from '../store-path/store-path.ts';

/** Asks for path infos ahead of the answers, and for the further paths that `onInfo` returns. */
export type WalkPathInfos = (
  paths: readonly StorePath[],
  onInfo: (info: PathInfo | null, path: StorePath) => readonly StorePath[],
  options?: { readonly signal?: AbortSignal },
) => Promise<void>;

/** How a closure is to be found. */
export type ClosureOptions = {
  /** Path infos that need not be asked for; what is learnt is added. */
  readonly known?: Map<StorePath, PathInfo>;
  /** Gives it up, and closes the connection. */
  readonly signal?: AbortSignal;
};

/**
 * The roots and all they refer to, each after its references. Every path is asked for as soon as an answer names it,
 * without waiting for the other answers. Roots that are not valid are left out. The order is that of `nix-store -qR`.
 */
export async function queryClosure(
  connection: { readonly walkPathInfos: WalkPathInfos },
  roots: readonly StorePath[],
  { known = new Map(), ...options }: ClosureOptions = {},
): Promise<PathInfo[]> {
  const members = new Set<StorePath>();
  await connection.walkPathInfos(
    unknownOf(roots, members, known),
    (info) => {
      if (info === null) return [];
      known.set(info.path, info);
      return unknownOf(info.references, members, known);
    },
    options,
  );
  return referencesFirst([...members].sort(), known);
}

/** Takes paths, and what is known to be behind them, into the closure, and returns those to be asked for. */
function unknownOf(
  paths: readonly StorePath[],
  members: Set<StorePath>,
  known: ReadonlyMap<StorePath, PathInfo>,
): StorePath[] {
  const unknown: StorePath[] = [];
  const found = [...paths];
  for (let path = found.pop(); path !== undefined; path = found.pop()) {
    if (members.has(path)) continue;
    members.add(path);
    const info = known.get(path);
    if (info === undefined) unknown.push(path);
    else found.push(...info.references);
  }
  return unknown;
}

/** Depth first, by name where there is a choice, and without recursion: chains of references can be longer than the stack. */
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
    return { info, pending: (info?.references ?? []).toSorted().reverse() };
  }
}
