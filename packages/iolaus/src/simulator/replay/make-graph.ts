import type { Random } from '../random.ts';

/** A derivation of a graph without a name or a build time of its own: its shape and its package. */
export type GraphNode = {
  readonly name: string;
  readonly system: string;
  readonly requiredFeatures: readonly string[];
  readonly isFixedOutput: boolean;
  /** Somebody asks for it. */
  readonly isJob: boolean;
  /** Earlier nodes. */
  readonly inputs: readonly number[];
};

/** Of 203,205 derivations of nixpkgs 106,959 are fetched: each source and patch. */
const fetchedShare = 0.52;
/** Stages of the bootstrap, each above the last: a hundred in nixpkgs; a smaller graph is as wide for its depth. */
const bootstrapShare = 1 / 2_000;
/** Steps that a package is built with besides the compiler; most packages need few others. */
const ownInputsMean = 4;
/** How often an input is one of the libraries that everything uses. */
const popularInputs = 0.45;

/**
 * A graph shaped like nixpkgs: a long chain of bootstrap stages that ends in a shell and a compiler that nearly
 * everything needs, sources of which each serves one package, and packages on packages, some of them in long chains. One
 * node in forty needs a large machine.
 */
export function makeGraph(size: number, random: Random): GraphNode[] {
  const nodes: GraphNode[] = [];
  const bootstrap = Math.max(4, Math.round(bootstrapShare * size));
  for (let stage = 0; stage < bootstrap; stage += 1) {
    const inputs = stage === 0 ? [] : [stage - 1, ...some(random, stage, 1)];
    nodes.push(node(`bootstrap-stage${stage}-tools`, inputs, {}));
  }
  const shell = bootstrap - 2;
  const compiler = bootstrap - 1;
  const packages: number[] = [];
  while (nodes.length < size) {
    const sources: number[] = [];
    const name = `${packageWord(random)}-${nodes.length}`;
    for (let count = sourcesOf(random); count > 0 && nodes.length < size - 1; count -= 1) {
      sources.push(nodes.length);
      nodes.push(node(`${name}-${count}.tar.gz`, [shell], { isFixedOutput: true }));
    }
    const inputs = [shell, compiler, ...sources, ...libraries(random, packages)];
    packages.push(nodes.length);
    nodes.push(
      node(`${name}-1.${random.below(30)}`, inputs, {
        isJob: random.chance(0.6),
        requiredFeatures: random.chance(0.025) ? ['big-parallel'] : [],
      }),
    );
  }
  return nodes;
}

function node(
  name: string,
  inputs: readonly number[],
  options: Partial<Pick<GraphNode, 'isFixedOutput' | 'isJob' | 'requiredFeatures'>>,
): GraphNode {
  return {
    name,
    system: 'x86_64-linux',
    requiredFeatures: options.requiredFeatures ?? [],
    isFixedOutput: options.isFixedOutput ?? false,
    isJob: options.isJob ?? false,
    inputs: [...new Set(inputs)],
  };
}

/** Mean so that the share of fetched nodes comes out. */
function sourcesOf(random: Random): number {
  const mean = fetchedShare / (1 - fetchedShare);
  return random.chance(0.85) ? 1 : Math.round(1 + 2 * (mean - 0.85) * random.fraction() * 2);
}

/** Packages that this one needs: popular old ones, and some that came just before it, which makes chains. */
function libraries(random: Random, packages: readonly number[]): number[] {
  const wanted = Math.floor(-Math.log(1 - random.fraction()) * ownInputsMean);
  const found: number[] = [];
  for (let count = 0; count < Math.min(wanted, packages.length); count += 1) {
    const rank = random.chance(popularInputs)
      ? Math.floor(packages.length * random.fraction() ** 6)
      : random.below(packages.length);
    const input = packages[Math.max(rank, 0)];
    if (input !== undefined) found.push(input);
  }
  return found;
}

function some(random: Random, limit: number, count: number): number[] {
  return Array.from({ length: count }, () => random.below(limit));
}

const syllables = ['ka', 'lib', 'py', 'ro', 'tex', 'go', 'net', 'qu', 'mar', 'sel', 'ion', 'da'];

function packageWord(random: Random): string {
  return `${random.pick(syllables)}${random.pick(syllables)}${random.pick(syllables)}`;
}
