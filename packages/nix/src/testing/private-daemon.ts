import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { DaemonAddress } from '../daemon/address.ts';
import { DaemonConnection } from '../daemon/connection.ts';
import { DaemonError } from '../daemon/daemon-error.ts';
import { storeDirectory } from '../store-path/store-path.ts';

/** A Nix daemon with a store of its own in a temporary folder, which needs no rights. */
export type PrivateDaemon = {
  readonly address: DaemonAddress;
  /** With it, Nix's commands are clients of this daemon. */
  readonly environment: Record<string, string>;
  /** Holds the store and everything else; gone after disposal. */
  readonly directory: string;
  /** Kills the daemon and removes its folder. Close your connections first. */
  [Symbol.asyncDispose](): Promise<void>;
};

const defaultSettings: Readonly<Record<string, string>> = {
  'build-users-group': '',
  'experimental-features': 'nix-command ca-derivations impure-derivations',
  sandbox: 'false',
  substituters: '',
  'trusted-users': '*',
};

/** The kernel's limit for the path of a Unix socket, without the terminating zero. */
const longestSocketPathInBytes = 107;
const pollIntervalInMilliseconds = 5;

/** Which daemon to start. */
export type PrivateDaemonOptions = {
  /** The folder with `nix-daemon` and its like, where not those on the PATH are meant. */
  readonly programs?: string | undefined;
};

/**
 * Starts `nix-daemon`, which must be on the PATH, and waits until it answers. Everybody is trusted,
 * builds are not sandboxed (builders may use `/bin/sh`), nothing is substituted.
 * @param settings lines for its `nix.conf`, over these defaults
 */
export async function startPrivateDaemon(
  settings: Readonly<Record<string, string>> = {},
  { programs }: PrivateDaemonOptions = {},
): Promise<PrivateDaemon> {
  const directory = await makeFolder();
  const environment = environmentIn(directory, programs);
  const address = {
    socketPath: join(directory, 'socket'),
    storeDirectory: storeDirectory(join(directory, 'store')),
  };
  const log = join(directory, 'daemon.log');
  await layOut(directory, { ...defaultSettings, ...settings });
  const child = await spawnDaemon(environment, log);
  const dispose = async () => {
    await stop(child);
    await removeStore(directory);
  };
  try {
    await waitUntilReady(address, child, log);
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    address,
    environment: { ...environment, NIX_REMOTE: 'daemon' },
    directory,
    [Symbol.asyncDispose]: dispose,
  };
}

/** In small letters: Hydra's queue runner makes addresses of stores such, with the store directory in them. */
async function makeFolder(): Promise<string> {
  const folder = join(shortTemporaryFolder(), `nix-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

function shortTemporaryFolder(): string {
  const longestBelow = '/nix-00000000/socket'.length;
  return tmpdir().length + longestBelow <= longestSocketPathInBytes ? tmpdir() : '/tmp';
}

function environmentIn(directory: string, programs: string | undefined): Record<string, string> {
  const path = process.env['PATH'] ?? '/usr/bin:/bin';
  return {
    PATH: programs === undefined ? path : `${programs}:${path}`,
    HOME: join(directory, 'home'),
    NIX_CONF_DIR: join(directory, 'etc'),
    NIX_DAEMON_SOCKET_PATH: join(directory, 'socket'),
    NIX_LOG_DIR: join(directory, 'var/log/nix'),
    NIX_STATE_DIR: join(directory, 'var/nix'),
    NIX_STORE_DIR: join(directory, 'store'),
    NIX_USER_CONF_FILES: '',
  };
}

async function layOut(
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  for (const folder of ['etc', 'home', 'store', 'var/nix'])
    await mkdir(join(directory, folder), { recursive: true });
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(join(directory, 'etc/nix.conf'), lines.join(''));
}

async function spawnDaemon(
  environment: Record<string, string>,
  log: string,
): Promise<ChildProcess> {
  await using output = await open(log, 'a');
  // The kernel ends the daemon even if this process is killed.
  return spawn('setpriv', ['--pdeathsig', 'TERM', 'nix-daemon'], {
    env: environment,
    stdio: ['ignore', output.fd, output.fd],
  });
}

/**
 * The first connection makes the store's database. Nix 2.8 deadlocks if two do that at once, so it has
 * to be a complete one, and alone.
 */
async function waitUntilReady(
  address: DaemonAddress,
  child: ChildProcess,
  log: string,
): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  while (!(await answers(address))) {
    if (failure !== undefined || child.exitCode !== null || child.signalCode !== null)
      throw new Error(`nix-daemon did not start: ${await readFile(log, 'utf8')}`, {
        cause: failure,
      });
    await delay(pollIntervalInMilliseconds);
  }
}

async function answers(address: DaemonAddress): Promise<boolean> {
  try {
    await using connection = await DaemonConnection.connect(address);
    return connection.isOpen;
  } catch (error) {
    if (error instanceof DaemonError && error.kind === 'unreachable') return false;
    throw error;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function removeStore(directory: string): Promise<void> {
  // Store objects are read-only, folders included.
  await promisify(execFile)('chmod', ['-R', 'u+w', directory]);
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}
