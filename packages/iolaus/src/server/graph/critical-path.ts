/** What is to be weighed: how long it takes, and what it waits for. */
export type Weighed = {
  readonly derivation: string;
  readonly seconds: number;
  readonly inputs: readonly string[];
};

/** The longest way that ends with `root`: what is on it, and how long it is. */
export function criticalPath(
  nodes: ReadonlyMap<string, Weighed>,
  root: string,
): { readonly on: ReadonlySet<string>; readonly seconds: number } {
  const lengths = new Map<string, number>();
  const open = [root];
  for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
    const node = nodes.get(name);
    const missing = node?.inputs.filter((input) => !lengths.has(input)) ?? [];
    if (node !== undefined && !lengths.has(name) && missing.length > 0) {
      open.push(...missing);
      continue;
    }
    open.pop();
    const before = Math.max(0, ...(node?.inputs.map((input) => lengths.get(input) ?? 0) ?? []));
    lengths.set(name, before + (node?.seconds ?? 0));
  }
  return { on: follow(nodes, root, lengths), seconds: lengths.get(root) ?? 0 };
}

function follow(
  nodes: ReadonlyMap<string, Weighed>,
  root: string,
  lengths: ReadonlyMap<string, number>,
): Set<string> {
  const on = new Set<string>();
  let next: string | undefined = root;
  while (next !== undefined) {
    on.add(next);
    const inputs: readonly string[] = nodes.get(next)?.inputs ?? [];
    next = inputs.toSorted((a, b) => (lengths.get(b) ?? 0) - (lengths.get(a) ?? 0))[0];
  }
  return on;
}
