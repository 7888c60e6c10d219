import { DaemonError } from '@iolaus/nix';
import type { DaemonPool, DerivationPath, StoreDirectory, StorePath } from '@iolaus/nix';
import type { Derivations } from '../store/derivations.ts';
import { nameOf } from './output-keys.ts';

export type KnownOutputs = ReadonlyMap<string, StorePath>;

/** What the runner's daemon knows of outputs that only a build can tell. */
export type StoreRealisations = {
  /** Of a derivation that needs no resolution; of any other nothing is known. They are in the store. */
  find(derivation: DerivationPath): Promise<KnownOutputs>;
  /** Has the daemon know them, too. Where it knows others that it still has, it stays with those. */
  register(derivation: DerivationPath, outputs: KnownOutputs): Promise<void>;
};

export function openStoreRealisations(
  pool: DaemonPool,
  directory: StoreDirectory,
  derivations: Pick<Derivations, 'read' | 'outputs'>,
): StoreRealisations {
  return {
    find: async (derivation) => {
      const name = nameOf(directory, derivations, derivation);
      if (name === null) return new Map();
      return pool.use(async (connection) => {
        const found = new Map<string, StorePath>();
        for (const output of derivations.outputs(derivation).keys()) {
          const realisation = await connection.queryRealisation({ ...name, output });
          if (realisation !== null) found.set(output, realisation.path);
        }
        return found;
      });
    },
    register: async (derivation, outputs) => {
      const name = nameOf(directory, derivations, derivation);
      if (name === null) return;
      await pool.use(async (connection) => {
        for (const [output, path] of outputs) {
          const realisation = { path, signatures: [] };
          await connection.registerDrvOutput({ ...name, output }, realisation).catch(unlessRefused);
        }
      });
    },
  };
}

/** Up to 2.34 Nix does not take a second choice; and one without content-addressed derivations takes none at all. */
function unlessRefused(error: unknown): void {
  const isRefused =
    error instanceof DaemonError && ['operation', 'unsupported', 'untrusted'].includes(error.kind);
  if (!isRefused) throw error;
}
