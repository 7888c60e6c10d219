import { printStorePath } from '@iolaus/nix';
import type { DaemonPool, StoreDirectory, StorePath } from '@iolaus/nix';
import type { Database } from '../database/connection.ts';
import { readFailedPaths } from '../database/read-failed-paths.ts';
import type { FarmView } from '../farm/view.ts';
import type { Derivations } from './derivations.ts';
import type { GraphSources } from './unfinished-graph.ts';

/** What is there: by the daemon, by the database, by the farm. */
export function openGraphSources(options: {
  readonly database: Database;
  readonly pool: DaemonPool;
  readonly derivations: Derivations;
  readonly view: FarmView;
  readonly storeDirectory: StoreDirectory;
}): GraphSources {
  const { database, pool, derivations, view, storeDirectory } = options;

  const failedPaths = async (paths: readonly StorePath[]): Promise<ReadonlySet<StorePath>> => {
    const byText = new Map(paths.map((path) => [printStorePath(storeDirectory, path), path]));
    const failed = await readFailedPaths(database, [...byText.keys()]);
    return new Set([...failed].flatMap((text) => byText.get(text) ?? []));
  };

  return {
    derivations,
    failedPaths,
    validPaths: (paths) => pool.use((connection) => connection.queryValidPaths(paths)),
    isStep: (derivation) => view.hasStep(derivation),
  };
}
