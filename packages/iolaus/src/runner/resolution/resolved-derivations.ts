import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isDerivationPath, parseBaseName, printStorePath } from '@iolaus/nix';
import type { DaemonPool, Derivation, DerivationPath } from '@iolaus/nix';

/** Derivations that others turned out to be: written by the runner, and kept while somebody needs them. */
export type ResolvedDerivations = {
  /** Writes it to the store; the garbage collector leaves it and its inputs alone until `letGo`. */
  hold(original: DerivationPath, resolved: Derivation): Promise<void>;
  letGo(original: DerivationPath): Promise<void>;
  /** For which something is held, by whatever runner. */
  held(): Promise<DerivationPath[]>;
};

/** Each is held by a link in `directory` with the name of the original, which the daemon knows as a root. */
export function openResolvedDerivations(pool: DaemonPool, directory: string): ResolvedDerivations {
  const linkOf = (original: DerivationPath): string => join(directory, original);
  return {
    hold: (original, resolved) =>
      pool.use(async (connection) => {
        // What a connection adds stays until it ends, or has a root of its own.
        const path = await connection.addDerivation(resolved);
        await mkdir(directory, { recursive: true });
        const link = linkOf(original);
        await rm(link, { force: true });
        await symlink(printStorePath(connection.storeDirectory, path), link);
        await connection.addIndirectRoot(link);
      }),
    letGo: (original) => rm(linkOf(original), { force: true }),
    async held() {
      await mkdir(directory, { recursive: true });
      const names = await readdir(directory);
      return names.map((name) => parseBaseName(name)).filter((path) => isDerivationPath(path));
    },
  };
}
