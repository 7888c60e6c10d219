import type { Random } from '../simulator/random.ts';

/** A derivation whose output paths come about in one of the ways that Nix has. Inputs are earlier nodes, by their place. */
type Node = { readonly kind: Kind; readonly salt: number; readonly inputs: readonly Input[] };
type Input = { readonly node: number; readonly output: string };
type Kind = (typeof kinds)[number];

const kinds = [
  'floating',
  'floating',
  'floating',
  'addressed',
  'addressed',
  'fixed',
  'multiple',
  'structured',
  'self-referring',
] as const;

/** Few, so that different derivations often come to the same. */
const salts = 2;

export function makeMixedGraph(random: Random, size: number): Node[] {
  const nodes: Node[] = [];
  for (let index = 0; index < size; index += 1) {
    const count = index === 0 ? 0 : random.below(4);
    const inputs = Array.from({ length: count }, () => {
      const node = random.below(index);
      return {
        node,
        output: nodes[node]?.kind === 'multiple' ? random.pick(['out', 'dev']) : 'out',
      };
    });
    nodes.push({ kind: random.pick(kinds), salt: random.below(salts), inputs });
  }
  return nodes;
}

/** As attributes of a set in Nix's language, `prefix` and their number each; in need of `run`. */
export function mixedGraphExpression(nodes: readonly Node[], prefix: string): string {
  return nodes
    .map((node, index) => `${prefix}${index} = ${expressionOf(node, prefix)};`)
    .join('\n');
}

const floating =
  '__contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256";';

function expressionOf({ kind, salt, inputs }: Node, prefix: string): string {
  const paths = inputs.map(({ node, output }) => `\${${prefix}${node}.${output}}`).join(' ');
  // What it reads is in it, and now and then where that was, so that it refers to it.
  const text = `echo ${salt}; cat /dev/null ${paths} | tail -n 5; ${salt === 0 ? `echo ${paths}` : ':'}`;
  switch (kind) {
    case 'floating':
      return `run "floating" "( ${text} ) > $out" { ${floating} }`;
    case 'addressed':
      return `run "addressed" "( ${text} ) > $out" { }`;
    case 'fixed':
      return `run "fixed" ": ${paths}; echo fixed ${salt} > $out" {
        outputHashMode = "flat"; outputHashAlgo = "sha256";
        outputHash = builtins.hashString "sha256" "fixed ${salt}\\n"; }`;
    case 'multiple':
      return `run "multiple" "( ${text} ) > $out; cp $out $dev" { ${floating} outputs = [ "out" "dev" ]; }`;
    case 'structured':
      return `run "structured" "PATH=/usr/bin:/bin; . $NIX_ATTRS_SH_FILE; ( ${text} ) > \\\${outputs[out]}" {
        ${floating} builder = "/bin/bash"; __structuredAttrs = true; }`;
    case 'self-referring':
      break;
  }
  return `run "self" "( ${text}; echo $out ) > $out" { ${floating} }`;
}
