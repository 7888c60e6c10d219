import { hashesModulo } from '@iolaus/nix';
import type {
  DaemonConnection,
  DaemonPool,
  Derivation,
  DerivationPath,
  StorePath,
} from '@iolaus/nix';
import type { Derivations } from '../ingest/derivations.ts';

/** Where the daemon has the outputs of a derivation that needs no resolution; nothing of any other. */
export async function queryOutputs(
  pool: DaemonPool,
  derivations: Derivations,
  path: DerivationPath,
): Promise<ReadonlyMap<string, StorePath>> {
  const derivation = readBasic(derivations, path);
  if (derivation === null) return new Map();
  return pool.use(async (connection) => {
    const found = new Map<string, StorePath>();
    for (const output of derivation.outputs.keys()) {
      const realisation = await queryRealisation(connection, path, derivation, output);
      if (realisation !== null) found.set(output, realisation);
    }
    return found;
  });
}

async function queryRealisation(
  connection: DaemonConnection,
  path: DerivationPath,
  derivation: Derivation,
  output: string,
): Promise<StorePath | null> {
  const derivationHash = hashesModulo(connection.storeDirectory, noInput).masked(derivation).hash;
  const found = await connection.queryRealisation({ derivation: path, derivationHash, output });
  return found?.path ?? null;
}

/** Null for one with inputs, and for one that is gone. */
function readBasic(derivations: Derivations, path: DerivationPath): Derivation | null {
  try {
    const derivation = derivations.read(path);
    return derivation.inputDerivations.size === 0 ? derivation : null;
  } catch {
    return null;
  }
}

function noInput(path: DerivationPath): never {
  throw new Error(`${path} is an input of a derivation without inputs`);
}
