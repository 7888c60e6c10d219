import type { DerivationPath } from '@iolaus/nix';
import { readUnfinishedGraph } from './unfinished-graph.ts';
import type { UnfinishedGraph } from './conclude-walk.ts';
import type { GraphSources } from './unfinished-graph.ts';

/** A graph, and what changed or was taken for granted while it was read. */
export type Reading = {
  readonly graph: UnfinishedGraph;
  /** Steps that succeeded meanwhile: what was read of them is out of date. */
  readonly succeeded: ReadonlySet<DerivationPath>;
  /** Steps that the farm had, so that nothing below them was read. */
  readonly assumed: ReadonlySet<DerivationPath>;
};

/** Reads graphs, one at a time, while the farm goes on. */
export class GraphReader {
  readonly #isStep: GraphSources['isStep'];
  #succeeded: Set<DerivationPath> | undefined;

  constructor(isStep: GraphSources['isStep']) {
    this.#isStep = isStep;
  }

  noteSuccess(derivation: DerivationPath): void {
    this.#succeeded?.add(derivation);
  }

  async read(roots: readonly DerivationPath[], sources: GraphSources): Promise<Reading> {
    const succeeded = new Set<DerivationPath>();
    const assumed = new Set<DerivationPath>();
    this.#succeeded = succeeded;
    const isStep = (derivation: DerivationPath): boolean => {
      const known = this.#isStep(derivation);
      if (known) assumed.add(derivation);
      return known;
    };
    const graph = await readUnfinishedGraph(roots, { ...sources, isStep });
    return { graph, succeeded, assumed };
  }

  /**
   * Whether the graph can be used, which has to be done at once then. If not, a step that the farm had has failed or was
   * withdrawn meanwhile: it and what is below it have to be read as well.
   */
  isCurrent({ assumed, succeeded }: Reading): boolean {
    const holds = assumed
      .values()
      .every((derivation) => succeeded.has(derivation) || this.#isStep(derivation));
    if (holds) this.#succeeded = undefined;
    return holds;
  }
}
