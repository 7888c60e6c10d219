import { join } from 'node:path';
import type { StoreDirectory } from '@iolaus/nix';

/** Where a store's files are, which is not always where its paths say. */
export type StoreLocation = {
  /** The folder that holds the store objects. */
  readonly physicalDirectory: string;
  /** Nix's own folder: database, sockets, and the builds of newer versions. */
  readonly stateDirectory: string;
};

/**
 * What the environment says about the store behind a daemon, as Nix reads it: `real`, `root` and `state` of
 * `NIX_REMOTE=unix://…?…`, and `NIX_STATE_DIR`.
 */
export function locateStore(
  environment: NodeJS.ProcessEnv,
  directory: StoreDirectory,
): StoreLocation {
  const parameters = new URLSearchParams((environment['NIX_REMOTE'] ?? '').split('?', 2)[1]);
  const root = parameters.get('root');
  const state = root === null ? null : join(root, 'nix/var/nix');
  return {
    physicalDirectory:
      parameters.get('real') ?? (root === null ? directory : join(root, 'nix/store')),
    stateDirectory:
      parameters.get('state') ?? state ?? (environment['NIX_STATE_DIR'] || '/nix/var/nix'),
  };
}
