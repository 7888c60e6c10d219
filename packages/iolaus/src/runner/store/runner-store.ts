import { DaemonPool } from '@iolaus/nix';
import type { DaemonAddress, StoreDirectory, StorePath } from '@iolaus/nix';
import { readNixSupport } from '../../nix-support/nix-support.ts';
import type { NixSupport } from '../../nix-support/nix-support.ts';
import { identifyStore } from '../../protocol/store-identity.ts';
import { openDerivations } from './derivations.ts';
import type { Derivations, KeptFacts } from './derivations.ts';
import { openFoundResults } from './found-results.ts';
import type { FoundResults } from './found-results.ts';
import { openMeasure } from './measure.ts';
import type { Measure, ReadFacts } from './measure.ts';
import { Realised } from '../resolution/realised.ts';
import { openResolvedDerivations } from '../resolution/resolved-derivations.ts';
import type { ResolvedDerivations } from '../resolution/resolved-derivations.ts';
import { openStoreRealisations } from '../resolution/store-realisations.ts';
import type { StoreRealisations } from '../resolution/store-realisations.ts';
import { openStoreTransfers } from './store-transfers.ts';
import type { StoreTransfers } from './store-transfers.ts';
import type { Validity } from './validity.ts';

// Each is a process of the daemon's; questions are short, and four at once keep two cores busy.
const daemonConnectionsMax = 4;

/** The runner's store, with all that is asked of it. */
export type RunnerStore = {
  readonly directory: StoreDirectory;
  /** Null where it cannot be told from others. */
  readonly identity: string | null;
  readonly derivations: Derivations;
  /** Where outputs lie that only a build can tell. */
  readonly realised: Realised;
  readonly realisations: StoreRealisations;
  readonly resolved: ResolvedDerivations;
  readonly validPaths: Validity;
  readonly measure: Measure;
  readonly results: FoundResults;
  readonly transfers: StoreTransfers;
  readonly local: LocalPaths;
};

/** What the store itself has, whatever lies in caches. */
export type LocalPaths = {
  readonly validPaths: Validity;
  /** What outputs of one build say of themselves, by their names. Rejects if one is not there. */
  readSupport(outputs: ReadonlyMap<string, StorePath>): Promise<ReadonlyMap<string, NixSupport>>;
  /** Rejects if one of them is in use; then others may be gone. */
  remove(paths: readonly StorePath[]): Promise<void>;
};

/** The store behind a Nix daemon. */
export function openRunnerStore(
  daemon: DaemonAddress,
  /** For links that keep derivations from the garbage collector. */
  rootsDirectory: string,
  kept: KeptFacts = new Map(),
): RunnerStore & AsyncDisposable {
  const { storeDirectory } = daemon;
  const pool = new DaemonPool(daemon, { limit: daemonConnectionsMax });
  const realised = new Realised();
  const derivations = openDerivations(storeDirectory, realised, kept);
  const measure = openMeasure(askDaemon(pool));
  const validPaths: Validity = (paths) =>
    pool.use((connection) => connection.queryValidPaths(paths));
  const remove = async (paths: readonly StorePath[]): Promise<void> => {
    await pool.use((connection) => connection.collectGarbage('delete-specific', { paths }));
  };
  return {
    directory: storeDirectory,
    identity: identifyStore(storeDirectory),
    derivations,
    realised,
    realisations: openStoreRealisations(pool, storeDirectory, derivations),
    resolved: openResolvedDerivations(pool, rootsDirectory),
    validPaths,
    measure,
    results: openFoundResults({ measure, derivations, storeDirectory }),
    transfers: openStoreTransfers(pool, daemon),
    local: {
      validPaths,
      remove,
      readSupport: (outputs) => readNixSupport(storeDirectory, outputs),
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

function askDaemon(pool: DaemonPool): ReadFacts {
  return async (paths) => {
    const infos = await pool.use((connection) => connection.queryPathInfos(paths));
    return new Map(infos.flatMap((info) => (info === null ? [] : [[info.path, info] as const])));
  };
}
