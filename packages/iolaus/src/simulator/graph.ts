import {
  defaultStoreDirectory,
  derivationPath,
  fromUtf8,
  makeDerivationPath,
  makeFixedOutputPath,
  outputPathName,
  parseBaseName,
  resolveInputs,
} from '@iolaus/nix';
import type {
  BasicDerivation,
  ContentAddress,
  Derivation,
  DerivationPath,
  StorePath,
} from '@iolaus/nix';
import type { NodePlan } from './plan.ts';
import { hashText } from './random.ts';
import { archiveHash } from './store.ts';

/** A made-up derivation. */
export type Node = {
  readonly index: number;
  readonly plan: NodePlan;
  readonly path: DerivationPath;
  readonly derivation: Derivation;
  readonly outputs: ReadonlyMap<string, StorePath>;
  readonly inputs: readonly Node[];
  /** Of a derivation that another one turned out to be. */
  readonly original?: Node;
};

/** What could be built: derivations of which each needs earlier ones only. */
export class Graph {
  readonly nodes: readonly Node[];
  readonly #byPath = new Map<string, Node>();

  constructor(plans: readonly NodePlan[]) {
    const nodes: Node[] = [];
    for (const [index, plan] of plans.entries()) {
      const node = makeNode(index, plan, nodes);
      nodes.push(node);
      this.#byPath.set(node.path, node);
    }
    this.nodes = nodes;
  }

  /** Throws where there is none. */
  node(path: DerivationPath): Node {
    const node = this.#byPath.get(path);
    if (node === undefined) throw new Error(`there is no derivation ${path}`);
    return node;
  }

  /** The runner has found out what a derivation is. */
  addResolved(originalPath: DerivationPath, derivation: Derivation): DerivationPath {
    const path = makeDerivationPath(defaultStoreDirectory, derivation);
    const original = this.node(originalPath);
    if (!this.#byPath.has(path))
      this.#byPath.set(path, { ...original, path, derivation, original });
    return path;
  }

  at(index: number): Node {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`there is no node ${index}`);
    return node;
  }

  /** The derivation with the paths of its inputs. */
  resolve(path: DerivationPath): BasicDerivation {
    return resolveInputs(this.node(path).derivation, (input, output) => {
      const found = this.node(input).outputs.get(output);
      if (found === undefined) throw new Error(`${input} has no output ${output}`);
      return found;
    });
  }

  /** The node and all that it needs. */
  below(node: Node): ReadonlySet<Node> {
    const below = new Set([node]);
    for (const next of below) for (const input of next.inputs) below.add(input);
    return below;
  }
}

function makeNode(index: number, plan: NodePlan, earlier: readonly Node[]): Node {
  const name = `n${index}`;
  const inputs = plan.inputs.flatMap((input) => earlier[input] ?? []);
  const derivation: Derivation = {
    name,
    outputs: new Map(
      plan.outputs.map((output) => [
        output,
        plan.floats === true
          ? floating
          : { type: 'input-addressed', path: outputPathOf(name, output) },
      ]),
    ),
    inputDerivations: new Map(
      inputs.map((input) => [input.path, { outputs: input.plan.outputs, dynamic: new Map() }]),
    ),
    inputSources: [],
    system: fromUtf8(plan.system),
    builder: fromUtf8('/bin/sh'),
    arguments: [],
    environment: new Map(
      plan.features.length === 0
        ? []
        : [[fromUtf8('requiredSystemFeatures'), fromUtf8(plan.features.join(' '))]],
    ),
  };
  const pathOf = plan.floats === true ? floatingPathOf : outputPathOf;
  return {
    index,
    plan,
    path: derivationPath(`${digest(`drv ${name}`)}-${name}.drv`),
    derivation,
    outputs: new Map(plan.outputs.map((output) => [output, pathOf(name, output)])),
    inputs,
  };
}

const floating = { type: 'floating', method: 'nar', algorithm: 'sha256' } as const;

const outputPathOf = (name: string, output: string): StorePath =>
  parseBaseName(`${digest(`${output} ${name}`)}-${outputPathName(name, output)}`);

/** What is in an output, where that says where it lies: the same in all. */
export const addressOf = ({ plan }: Pick<Node, 'plan'>): ContentAddress | null =>
  plan.floats === true ? floatingAddress : null;

const floatingAddress: ContentAddress = { method: 'nar', hash: archiveHash };

const floatingPathOf = (name: string, output: string): StorePath =>
  makeFixedOutputPath(defaultStoreDirectory, outputPathName(name, output), floatingAddress);

const digits = '0123456789abcdfghijklmnpqrsvwxyz';

function digest(text: string): string {
  let state = hashText(text);
  return Array.from({ length: 32 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return digits[state >>> 27];
  }).join('');
}
