import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DaemonConnection, storeDirectory } from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import { dyingWithParent } from './dying-with-parent.ts';
import { faultOfFile } from './file-fault.ts';
import type { ProvidedDaemon } from './nix-daemon.ts';
import type { NixInstallation } from './nix-installation.ts';

// Starting takes some ten milliseconds; on a machine that is very busy, a second.
const startMillisecondsMax = 15_000;
const askAgainMilliseconds = 10;
// It has no state to save: what it registered is in its database.
const stopMillisecondsMax = 2_000;

/** What our daemon needs to be told: nobody else uses it, and the machine may allow neither sandbox nor build users. */
const settings = `build-users-group =
sandbox = false
substituters =
trusted-users = *
experimental-features = nix-command ca-derivations
keep-outputs = true
auto-optimise-store = false
`;

/**
 * Starts a Nix daemon whose store and state lie in the data folder; works for any user. It ends with this process,
 * however that ends.
 */
export async function startPrivateDaemon(options: {
  readonly dataDirectory: string;
  readonly socketPath: string;
  readonly nix: NixInstallation;
  readonly environment: NodeJS.ProcessEnv;
}): Promise<ProvidedDaemon> {
  const { nix, socketPath } = options;
  const folder = join(options.dataDirectory, 'nix');
  const environment = variables(folder, options);
  layOut(folder);
  await stopOrphan(folder);
  const log = join(folder, 'daemon.log');
  const output = openSync(log, 'w');
  const [program, ...parameters] = dyingWithParent([join(nix.programs, 'nix-daemon')]);
  const child = spawn(program, parameters, {
    env: { ...options.environment, ...environment, NIX_REMOTE: '' },
    stdio: ['ignore', output, output],
    // An interrupt at the terminal is ours to deal with, in order.
    detached: true,
  });
  closeSync(output);
  const address = { socketPath, storeDirectory: storeDirectory(join(folder, 'store')) };
  try {
    await whenAnswering(child, address, log);
    writeFileSync(pidFile(folder), `${child.pid}\n`);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return {
    address,
    environment,
    processId: child.pid ?? null,
    async [Symbol.asyncDispose](): Promise<void> {
      await stop(child);
      rmSync(pidFile(folder), { force: true });
    },
  };
}

function variables(
  folder: string,
  { nix, socketPath, environment }: Parameters<typeof startPrivateDaemon>[0],
): Record<string, string> {
  return {
    PATH: `${nix.programs}:${environment['PATH'] ?? '/usr/bin:/bin'}`,
    NIX_REMOTE: 'daemon',
    NIX_DAEMON_SOCKET_PATH: socketPath,
    NIX_STORE_DIR: join(folder, 'store'),
    NIX_STATE_DIR: join(folder, 'var', 'nix'),
    NIX_LOG_DIR: join(folder, 'var', 'log', 'nix'),
    NIX_CONF_DIR: join(folder, 'etc'),
    NIX_USER_CONF_FILES: '',
    // Builds happen below it.
    TMPDIR: join(folder, 'builds'),
  };
}

function layOut(folder: string): void {
  try {
    // What a killed daemon was building.
    rmSync(join(folder, 'builds'), { recursive: true, force: true });
    for (const part of ['store', 'var/nix', 'var/log/nix', 'etc', 'builds']) {
      mkdirSync(join(folder, part), { recursive: true });
    }
    writeFileSync(join(folder, 'etc', 'nix.conf'), settings);
  } catch (error) {
    throw faultOfFile(folder, error);
  }
}

const pidFile = (folder: string): string => join(folder, 'daemon.pid');

/** A daemon that outlived an earlier run would keep the store's lock; it is known by the state folder it works in. */
async function stopOrphan(folder: string): Promise<void> {
  const pid = readOrphan(folder);
  if (pid === undefined) return;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + stopMillisecondsMax;
  while (readOrphan(folder) !== undefined && Date.now() < deadline)
    await sleep(askAgainMilliseconds);
  if (readOrphan(folder) !== undefined) process.kill(pid, 'SIGKILL');
}

function readOrphan(folder: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile(folder), 'utf8'));
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return environment.includes(`NIX_STATE_DIR=${join(folder, 'var', 'nix')}`) ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function whenAnswering(
  child: ChildProcess,
  address: DaemonAddress,
  log: string,
): Promise<void> {
  let failure: unknown;
  child.on('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + startMillisecondsMax;
  while (failure === undefined && child.exitCode === null && Date.now() < deadline) {
    try {
      (await DaemonConnection.connect(address)).close();
      return;
    } catch {
      await sleep(askAgainMilliseconds);
    }
  }
  throw faultOfLog(readFileSync(log, 'utf8'), failure);
}

function faultOfLog(log: string, cause: unknown): Fault {
  if (/No space left on device|database or disk is full/.test(log)) {
    return new Fault('disk-full', "there is no space left for the Nix daemon's store", {
      remedy: 'Free some, or put the farm elsewhere with --state-dir.',
      cause,
    });
  }
  return new Fault('child-failed', 'the private Nix daemon did not start', {
    remedy: `What it said:\n${log.trim().split('\n').slice(-5).join('\n')}`,
    cause,
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), stopMillisecondsMax);
  await ended;
  clearTimeout(impatience);
}
