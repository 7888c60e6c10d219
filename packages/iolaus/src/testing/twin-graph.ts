import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';

/**
 * A derivation of a recorded graph: one line of a `.jsonl.gz` file. Inputs come before what uses them, so that the first
 * lines of a file are a closed graph of their own.
 */
const nodeSchema = z.object({
  id: z.number().int(),
  name: z.string(),
  outputs: z.array(z.string()).min(1),
  inputDrvs: z.array(z.number().int()),
  inputDrvOutputs: z.record(z.string(), z.array(z.string())).optional(),
  /** Somebody asked for it by itself. */
  isTopLevel: z.boolean().optional(),
});
export type GraphNode = z.infer<typeof nodeSchema>;

/** The first `limit` derivations of a graph. */
export function readGraph(file: string, limit: number): GraphNode[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.slice(0, limit).map((line) => nodeSchema.parse(JSON.parse(line)));
}

/** A share of the nodes, the same for the same seed. */
export function chooseFailing(
  nodes: readonly GraphNode[],
  share: number,
  seed: string,
): Set<number> {
  const chance = (id: number): number =>
    createHash('sha256').update(`${seed}/${id}`).digest().readUInt32LE() / 2 ** 32;
  return new Set(nodes.map(({ id }) => id).filter((id) => chance(id) < share));
}

/** What must come out: a derivation above a failing one is not built. */
export function foretell(
  nodes: readonly GraphNode[],
  failing: ReadonlySet<number>,
): { readonly succeeded: number; readonly failed: number; readonly notBuilt: number } {
  const dead = new Set<number>();
  let failed = 0;
  let notBuilt = 0;
  for (const node of nodes) {
    if (node.inputDrvs.some((input) => dead.has(input))) notBuilt += 1;
    else if (failing.has(node.id)) failed += 1;
    else continue;
    dead.add(node.id);
  }
  return { succeeded: nodes.length - failed - notBuilt, failed, notBuilt };
}

/** Nodes that no other node needs: what somebody would ask for to have the whole graph. */
export function sinks(nodes: readonly GraphNode[]): GraphNode[] {
  const needed = new Set(nodes.flatMap((node) => node.inputDrvs));
  return nodes.filter(({ id }) => !needed.has(id));
}

/**
 * A Nix expression whose derivations have the graph's names, outputs and edges, and build at once with nothing but
 * `/bin/sh`. Its attributes, `n` and the id, are the graph's sinks; or all nodes, since nothing more is built for a sink
 * when one of its dependencies has failed.
 */
export function twinExpression(
  nodes: readonly GraphNode[],
  options: {
    readonly salt: string;
    readonly failing: ReadonlySet<number>;
    readonly wanted?: 'sinks' | 'all';
  },
): string {
  const lines = nodes.map((node) => `d${node.id} = ${derivationExpression(node, options)};`);
  const wanted = options.wanted === 'all' ? nodes : sinks(nodes);
  const jobs = wanted.map(({ id }) => `n${id} = all.d${id};`);
  return `let all = rec {\n${lines.join('\n')}\n};\nin {\n${jobs.join('\n')}\n}\n`;
}

// One environment variable may not pass 128 KiB, and some derivations have thousands of inputs.
const inputsInOneVariable = 1_000;

function derivationExpression(
  node: GraphNode,
  { salt, failing }: { readonly salt: string; readonly failing: ReadonlySet<number> },
): string {
  const inputs = node.inputDrvs.flatMap((id) =>
    (node.inputDrvOutputs?.[String(id)] ?? ['out']).map((output) => `d${id}.${quote(output)}`),
  );
  const variables: string[] = [];
  for (let start = 0; start < inputs.length; start += inputsInOneVariable) {
    const some = inputs.slice(start, start + inputsInOneVariable);
    variables.push(`inputs${start / inputsInOneVariable} = [ ${some.join(' ')} ];`);
  }
  const script = failing.has(node.id)
    ? 'echo it fails on purpose; exit 1'
    : 'for output in $outputs; do eval "echo $name > \\"\\$$output\\""; done';
  return [
    `derivation { name = ${quote(node.name)}; system = builtins.currentSystem; builder = "/bin/sh";`,
    `args = [ "-c" ${quote(script)} ]; salt = ${quote(salt)}; id = ${quote(String(node.id))};`,
    `outputs = [ ${node.outputs.map(quote).join(' ')} ];`,
    ...variables,
    '}',
  ].join(' ');
}

/** A string in Nix's syntax. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '\\$')}"`;
}
