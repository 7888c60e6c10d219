import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { StorePath } from '@iolaus/nix';
import type { PrivateDaemon } from '@iolaus/nix/testing';

const run = promisify(execFile);

/** A store of Nix's that was empty, has one substituter, believes one key, and builds nothing. */
export type ClientStore = AsyncDisposable & {
  /** Runs one of Nix's programs on it. Rejects, with what it said, when it fails. */
  run(program: string, ...argument: readonly string[]): Promise<string>;
  /** A file of a path, from `/` on. */
  read(path: StorePath, file?: string): Promise<string>;
};

export async function openClientStore({
  daemon,
  substituter,
  publicKey,
  programs,
}: {
  /** Whose store directory it has. */
  readonly daemon: PrivateDaemon;
  readonly substituter: string;
  readonly publicKey: string;
  /** The folder of another Nix than this machine's. */
  readonly programs?: string | undefined;
}): Promise<ClientStore> {
  const root = await mkdtemp(join(tmpdir(), 'client-'));
  const settings = [
    'require-sigs = true',
    `trusted-public-keys = ${publicKey}`,
    'max-jobs = 0',
    `substituters = ${substituter}`,
    'builders =',
    'build-users-group =',
    'experimental-features = nix-command ca-derivations',
  ];
  const path = [programs, process.env['PATH']].filter((part) => part !== undefined);
  const env = {
    PATH: path.join(delimiter),
    HOME: join(root, 'home'),
    NIX_CONF_DIR: root,
    NIX_STORE_DIR: daemon.address.storeDirectory,
    NIX_REMOTE: `local?root=${root}`,
    NIX_CONFIG: settings.join('\n'),
  };
  return {
    run: async (program, ...argument) => (await run(program, argument, { env })).stdout.trim(),
    read: (read, file = '') => readFile(join(root, 'nix/store', read, file), 'utf8'),
    [Symbol.asyncDispose]: () => removeWhole(root),
  };
}

/** Store objects cannot be written to, folders included. */
export async function removeWhole(path: string): Promise<void> {
  await run('chmod', ['-R', 'u+w', path]);
  await rm(path, { recursive: true, force: true });
}
