import { queryClosure } from '@iolaus/nix';
import type { DaemonPool, DerivationPath, StoreDirectory, StorePath } from '@iolaus/nix';
import type { BuildResult, BuiltOutput } from '../farm/facts.ts';
import { combineNixSupport, readNixSupport } from '../nix-support/nix-support.ts';
import type { Derivations } from './derivations.ts';

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

  const read = async (derivation: DerivationPath): Promise<BuildResult> => {
    const outputs = new Map<string, BuiltOutput>();
    for (const [name, path] of derivations.outputs(derivation)) {
      if (path === null)
        throw new Error(`the path of output ${name} of ${derivation} is not known`);
      outputs.set(name, await measure(path));
    }
    const paths = new Map([...outputs].map(([name, { path }]) => [name, path]));
    return { outputs, ...combineNixSupport(await readNixSupport(storeDirectory, paths)) };
  };

  const measure = async (path: StorePath): Promise<BuiltOutput> => {
    const closure = await pool.use((connection) => queryClosure(connection, [path]));
    const own = closure.find((info) => info.path === path);
    if (own === undefined) throw new Error(`${path} is not in the store`);
    const closureSize = closure.reduce((total, { narSize }) => total + narSize, 0);
    return { path, narSize: own.narSize, closureSize };
  };

  return { read };
}
