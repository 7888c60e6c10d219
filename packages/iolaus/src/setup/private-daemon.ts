import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DaemonConnection, DaemonError } from '@iolaus/nix';
import { Fault } from '../fault/fault.ts';
import { dyingWithParent } from './die-with-parent.ts';
import type { NixInstallation } from './nix-installation.ts';
import type { PrivateStore } from './private-store.ts';
import { descendants, identifyProcess, isSameProcess, signalProcess } from './process-tree.ts';
import type { ProcessIdentity } from './process-tree.ts';

export interface PrivateDaemon extends AsyncDisposable {
  readonly processId: number;
}

const pollMilliseconds = 10;
// It opens an existing database in milliseconds; a slow disk may need some seconds to make a new one.
const startMillisecondsMax = 30_000;
// A daemon that is asked to end does so at once, and its builds within half a second.
const patienceMilliseconds = 1_500;
const shownLogCharacters = 2_000;

/**
 * Starts a daemon for the store and waits until it answers. One that an earlier run has left there is ended first.
 * @throws Fault `child-failed` with the end of its log
 */
export async function startPrivateDaemon(
  store: PrivateStore,
  nix: NixInstallation,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<PrivateDaemon> {
  await endLeftDaemon(store);
  const child = await launch(store, nix, { ...environment, ...store.daemonEnvironment });
  const identity = await identifyProcess(child.pid ?? 0);
  if (identity === null) throw await failed(store);
  await using starting = new AsyncDisposableStack();
  starting.defer(async () => {
    await endWithBuilds(identity);
    await rm(store.daemonIdentityFile, { force: true });
    await rm(store.address.socketPath, { force: true });
  });
  await writeFile(store.daemonIdentityFile, JSON.stringify(identity));
  await waitUntilItAnswers(store, child, signal);
  const running = starting.move();
  return {
    processId: identity.pid,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function launch(
  store: PrivateStore,
  nix: NixInstallation,
  environment: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  await using log = await open(store.daemonLog, 'w');
  const [program, ...parameters] = dyingWithParent([join(nix.programs, 'nix-daemon')], 'TERM');
  const child = spawn(program, parameters, {
    env: environment,
    stdio: ['ignore', log.fd, log.fd],
    // In a group of its own, so that an interrupt at the terminal reaches only who stops everything in order.
    detached: true,
  });
  await once(child, 'spawn').catch((cause: unknown) => {
    throw new Fault('child-failed', 'nix-daemon cannot be started', {
      remedy: `See that ${join(nix.programs, 'nix-daemon')} is there and may be run.`,
      cause,
    });
  });
  return child;
}

async function waitUntilItAnswers(
  store: PrivateStore,
  child: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = Date.now() + startMillisecondsMax;
  while (!(await answers(store))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      throw await failed(store);
    }
    await delay(pollMilliseconds, undefined, { signal });
  }
}

async function answers(store: PrivateStore): Promise<boolean> {
  try {
    const connection = await DaemonConnection.connect(store.address);
    connection.close();
    return true;
  } catch (error) {
    if (error instanceof DaemonError) return false;
    throw error;
  }
}

async function failed(store: PrivateStore): Promise<Fault> {
  const log = await readFile(store.daemonLog, 'utf8').catch(() => '');
  if (/No space left on device|database or disk is full/.test(log)) return fullDisk(store);
  return new Fault('child-failed', 'the private Nix daemon did not start', {
    remedy: `The end of its log ${store.daemonLog}:\n${log.slice(-shownLogCharacters).trim()}`,
  });
}

function fullDisk({ address }: PrivateStore): Fault {
  return new Fault('disk-full', `there is no space left for ${address.storeDirectory}`, {
    remedy: 'Free some, or put the farm elsewhere with --state-dir.',
  });
}

/** A killed run leaves its daemon where the kernel could not be asked to end it with its parent. */
async function endLeftDaemon(store: PrivateStore): Promise<void> {
  const text = await readFile(store.daemonIdentityFile, 'utf8').catch(() => '');
  const left = parseIdentity(text);
  if (left !== null && (await isSameProcess(left))) await endWithBuilds(left);
}

/** Null also for what a full disk has cut short. */
function parseIdentity(text: string): ProcessIdentity | null {
  const pattern = /^\{"pid":(?<pid>\d+),"startedAt":"(?<startedAt>[^"]+)"\}$/;
  const { pid, startedAt } = pattern.exec(text)?.groups ?? {};
  return pid === undefined || startedAt === undefined ? null : { pid: Number(pid), startedAt };
}

/** The daemon has a child for each connection, which would go on without it until the connection is closed. */
async function endWithBuilds(daemon: ProcessIdentity): Promise<void> {
  const all = [daemon, ...(await descendants(daemon.pid))];
  for (const process of all) await signalProcess(process, 'SIGTERM');
  if (await haveEnded(all, patienceMilliseconds)) return;
  for (const process of all) await signalProcess(process, 'SIGKILL');
  await haveEnded(all, patienceMilliseconds);
}

async function haveEnded(
  processes: readonly ProcessIdentity[],
  milliseconds: number,
): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const running = await Promise.all(processes.map((process) => isSameProcess(process)));
    if (!running.includes(true)) return true;
    if (Date.now() > deadline) return false;
    await delay(pollMilliseconds);
  }
}
