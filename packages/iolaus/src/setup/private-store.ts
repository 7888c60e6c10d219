import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { storeDirectory } from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import { faultOfFile } from './file-fault.ts';
import { makeShortFolder } from './short-folder.ts';

/** The places of a store that belongs to one data folder. */
export type PrivateStore = {
  readonly address: DaemonAddress;
  /** With it, Nix's commands are clients of the store's daemon. */
  readonly clientEnvironment: Readonly<Record<string, string>>;
  readonly daemonEnvironment: Readonly<Record<string, string>>;
  readonly daemonLog: string;
  /** Tells a later run which daemon may have been left. */
  readonly daemonIdentityFile: string;
};

/**
 * - `build-users-group`, `sandbox`: builds run as this user, which needs no rights.
 * - `substituters`: store paths begin with this store's own directory, so nobody else has them.
 * - `trusted-users`: the socket is in a folder of this user alone.
 * - `max-jobs`: the farm's builder decides how many run at once.
 * - `build-poll-interval`: seconds; the default of 5 is long to wait for somebody else's build of the same output.
 * - `keep-build-log`: the farm keeps logs itself.
 */
const settings: Readonly<Record<string, string>> = {
  'build-users-group': '',
  sandbox: 'false',
  substituters: '',
  'trusted-users': '*',
  'experimental-features': 'nix-command flakes ca-derivations',
  'max-jobs': '64',
  'build-poll-interval': '1',
  'keep-build-log': 'false',
};

/**
 * Makes what a daemon needs below `directory`: settings, an empty store, and a short path for its builds.
 * @throws Fault `not-permitted` or `disk-full`
 */
export function preparePrivateStore(directory: string, socketPath: string): PrivateStore {
  const at = (name: string) => join(directory, name);
  const environment = {
    NIX_STORE_DIR: at('store'),
    NIX_STATE_DIR: at('var/nix'),
    NIX_LOG_DIR: at('var/log'),
    NIX_CONF_DIR: at('etc'),
    NIX_USER_CONF_FILES: '',
    NIX_CONFIG: '',
    NIX_DAEMON_SOCKET_PATH: socketPath,
  };
  const builds = layOut(directory);
  return {
    address: { socketPath, storeDirectory: storeDirectory(at('store')) },
    clientEnvironment: { ...environment, NIX_REMOTE: 'daemon' },
    daemonEnvironment: {
      ...environment,
      NIX_REMOTE: 'local',
      // Where builds happen: before Nix 2.30 in the one, later in the other, which old versions only grumble about.
      TMPDIR: builds,
      NIX_CONFIG: `build-dir = ${builds}`,
    },
    daemonLog: at('daemon.log'),
    daemonIdentityFile: at('daemon.json'),
  };
}

/** Returns the folder for builds. */
function layOut(directory: string): string {
  try {
    for (const folder of ['etc', 'store', 'var/nix', 'var/log']) {
      mkdirSync(join(directory, folder), { recursive: true });
    }
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    writeFileSync(join(directory, 'etc/nix.conf'), lines.join(''));
    const builds = join(directory, 'builds');
    // What a killed daemon has left there helps nobody.
    rmSync(makeShortFolder(builds), { recursive: true, force: true });
    return makeShortFolder(builds);
  } catch (error) {
    throw error instanceof Fault ? error : faultOfFile(directory, error);
  }
}
