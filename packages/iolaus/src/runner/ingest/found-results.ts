import { queryClosure } from '@iolaus/nix';
import type { DaemonPool, DerivationPath, PathInfo, StoreDirectory, StorePath } from '@iolaus/nix';
import type { BuildResult, BuiltOutput } from '../../farm/facts.ts';
import { combineNixSupport, readNixSupport } from '../../nix-support/nix-support.ts';
import type { Derivations, Outputs } from './derivations.ts';
import { shareQuestions } from './validity.ts';

/** What is known of outputs that were there before anybody built them. */
export type FoundResults = {
  /** Throws where an output is missing after all. */
  read(derivation: DerivationPath): Promise<BuildResult>;
};

export function openFoundResults(options: {
  readonly pool: DaemonPool;
  readonly derivations: Derivations;
  readonly storeDirectory: StoreDirectory;
}): FoundResults {
  const { pool, derivations, storeDirectory } = options;

  // Builds that were found together mostly need the same: each path is asked for once.
  const closures = shareQuestions((paths) =>
    pool.use(async (connection) => {
      const known = new Map<StorePath, PathInfo>();
      await queryClosure(connection, paths, { known });
      return known;
    }),
  );

  return {
    read: async (derivation) => {
      const paths = knownPaths(derivation, derivations.outputs(derivation));
      const infos = await closures([...paths.values()]);
      const supports = await readNixSupport(storeDirectory, paths);
      const outputs = [...paths].map(([name, path]) => [name, measure(path, infos)] as const);
      return { outputs: new Map(outputs), ...combineNixSupport(supports) };
    },
  };
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

/** Sizes of an output, by what is known of all that it refers to. Throws where it is not there itself. */
export function measure(
  path: StorePath,
  infos: ReadonlyMap<StorePath, Pick<PathInfo, 'narSize' | 'references'>>,
): BuiltOutput {
  const own = infos.get(path);
  if (own === undefined) throw new Error(`${path} is not in the store`);
  const closure = new Set([path]);
  let closureSize = 0;
  // A set goes on to what is added while it is walked.
  for (const member of closure) {
    const info = infos.get(member);
    closureSize += info?.narSize ?? 0;
    for (const reference of info?.references ?? []) closure.add(reference);
  }
  return { path, narSize: own.narSize, closureSize };
}
