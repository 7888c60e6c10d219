import { DaemonPool } from '@iolaus/nix';
import type { DaemonAddress, StoreDirectory } from '@iolaus/nix';
import { identifyStore } from '../protocol/store-identity.ts';
import { openDerivations } from './derivations.ts';
import type { Derivations } from './derivations.ts';
import { openFoundResults } from './found-results.ts';
import type { FoundResults } from './found-results.ts';
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
  readonly validPaths: Validity;
  readonly results: FoundResults;
  readonly transfers: StoreTransfers;
};

/** The store behind a Nix daemon. */
export function openRunnerStore(daemon: DaemonAddress): RunnerStore & AsyncDisposable {
  const { storeDirectory } = daemon;
  const pool = new DaemonPool(daemon, { limit: daemonConnectionsMax });
  const derivations = openDerivations(storeDirectory);
  return {
    directory: storeDirectory,
    identity: identifyStore(storeDirectory),
    derivations,
    validPaths: (paths) => pool.use((connection) => connection.queryValidPaths(paths)),
    results: openFoundResults({ pool, derivations, storeDirectory }),
    transfers: openStoreTransfers(pool, daemon),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
