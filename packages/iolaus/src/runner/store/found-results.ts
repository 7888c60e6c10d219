import type { DerivationPath, StoreDirectory, StorePath } from '@iolaus/nix';
import type { BuildResult, BuiltOutput } from '../../farm/facts.ts';
import { combineNixSupport, readNixSupport } from '../../nix-support/nix-support.ts';
import type { Derivations, Outputs } from './derivations.ts';
import type { Measure, Measured } from './measure.ts';
import { shareQuestions } from './share-questions.ts';

/** The results of derivations whose outputs were there already. */
export type FoundResults = {
  /** Throws where an output is missing after all. */
  read(derivation: DerivationPath): Promise<BuildResult>;
};

export function openFoundResults(options: {
  readonly measure: Measure;
  readonly derivations: Derivations;
  readonly storeDirectory: StoreDirectory;
}): FoundResults {
  const { derivations, storeDirectory } = options;
  const measure = shareQuestions(options.measure);
  return {
    read: async (derivation) => {
      const paths = knownPaths(derivation, derivations.outputs(derivation));
      const measured = await measure([...paths.values()]);
      const supports = await readNixSupport(storeDirectory, paths);
      const outputs = [...paths].map(([name, path]) => [name, sizesIn(measured, path)] as const);
      return { outputs: new Map(outputs), ...combineNixSupport(supports) };
    },
  };
}

function sizesIn(measured: ReadonlyMap<StorePath, Measured>, path: StorePath): BuiltOutput {
  const found = measured.get(path);
  if (found === undefined) throw new Error(`${path} is not in the store`);
  const { narSize, closureSize } = found;
  return { path, narSize, closureSize };
}

/** Where all outputs lie. Throws where that is not known of one. */
export function knownPaths(derivation: DerivationPath, outputs: Outputs): Map<string, StorePath> {
  const known = new Map<string, StorePath>();
  for (const [name, path] of outputs) {
    if (path === null) throw new Error(`the path of output ${name} of ${derivation} is not known`);
    known.set(name, path);
  }
  return known;
}
