import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Fault } from '../fault/fault.ts';
import { chooseAccount, commandAs } from './postgres-account.ts';
import type { Account } from './postgres-account.ts';
import { findPostgres } from './postgres-programs.ts';
import type { PostgresPrograms } from './postgres-programs.ts';

/** A real PostgreSQL server of our own, for this process only. */
export interface EmbeddedDatabase extends AsyncDisposable {
  /** For `openDatabase`. The server listens on a Unix socket in a folder that only we may enter. */
  readonly url: string;
  readonly pid: number;
  /** Waits for what is being written; resolves when the server has ended. */
  stop(): Promise<void>;
}

export type EmbeddedOptions = {
  /** Where the cluster is, or is to be. */
  readonly directory: string;
  /** A folder for the socket; its path may have 90 bytes. Made if it is not there. */
  readonly socketDirectory: string;
  /** For tests: a crash of the machine may lose everything. Default: nothing committed is ever lost. */
  readonly durable?: boolean;
};

// A first start with recovery after a crash takes a second or two on a slow disk.
const startMillisecondsMax = 60_000;
const askAgainMilliseconds = 10;
// A fast shutdown writes a checkpoint; who takes longer has lost its disk.
const fastStopMillisecondsMax = 5_000;
const databaseName = 'iolaus';
const userName = 'iolaus';

/** What suits a farm: few connections, small memory, commits that are on disk when they are answered. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  max_connections: '60',
  shared_buffers: '32MB',
  // A checkpoint every half hour instead of every five minutes: most pages of a farm are written again and again.
  checkpoint_timeout: '30min',
  max_wal_size: '512MB',
  min_wal_size: '32MB',
  jit: 'off',
  autovacuum_max_workers: '1',
  max_parallel_workers_per_gather: '0',
  // Nobody replicates from us, and the launcher would only wait for it.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  log_checkpoints: 'off',
};

const forgetful: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/**
 * Starts the server, and makes its cluster and database where there is none. Works as root too, where it runs under the
 * account `nobody`. Ends with this process, however that ends; a server that an earlier run left on the same folder is
 * stopped first. Throws `Fault` where it does not start, with what it said.
 */
export async function startEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { directory, socketDirectory } = options;
  const programs = findPostgres(directory);
  const cluster = join(directory, 'cluster');
  const account = chooseAccount([directory, socketDirectory, programs.folder]);
  for (const folder of [directory, socketDirectory]) makeOwnFolder(folder, account);
  if (!existsSync(join(cluster, 'PG_VERSION'))) makeCluster(programs, account, cluster);
  refuseOtherVersion(programs, cluster);
  await stopOrphan(cluster);
  const log = join(directory, 'server.log');
  const server = launch(programs, account, cluster, log, options);
  try {
    await whenReady(server, socketDirectory, log);
  } catch (error) {
    await stop(server);
    throw error;
  }
  return {
    url: urlOf(socketDirectory, databaseName),
    pid: server.pid ?? 0,
    stop: () => stop(server),
    [Symbol.asyncDispose]: () => stop(server),
  };
}

function makeOwnFolder(folder: string, account: Account): void {
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o700);
    if (account.type === 'other') chownSync(folder, account.uid, account.gid);
  } catch (cause) {
    throw new Fault('not-permitted', `${folder} cannot be made ready for PostgreSQL`, {
      remedy: 'Change its owner or mode, or name another folder with --state-dir.',
      cause,
    });
  }
}

/** Made beside its place and moved there when it is whole, so that an interrupted start leaves nothing half done. */
function makeCluster(programs: PostgresPrograms, account: Account, cluster: string): void {
  const unfinished = `${cluster}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  makeOwnFolder(unfinished, account);
  const [program, ...parameters] = commandAs(account, [
    join(programs.folder, 'bin', 'initdb'),
    ...['--pgdata', unfinished, '--username', userName, '--auth', 'trust'],
    ...['--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-instructions'],
  ]);
  const result = spawnSync(program, parameters, {
    env: environment(programs),
    encoding: 'utf8',
    cwd: '/',
  });
  if (result.status !== 0) {
    const said = `${result.stdout}${result.stderr}`.trim();
    rmSync(unfinished, { recursive: true, force: true });
    throw faultOfServer('PostgreSQL could not make its cluster', said, result.error);
  }
  renameSync(unfinished, cluster);
}

/** A cluster belongs to one major version of PostgreSQL. */
function refuseOtherVersion(programs: PostgresPrograms, cluster: string): void {
  const found = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (found === programs.majorVersion) return;
  throw new Fault(
    'foreign-database',
    `${cluster} was made by PostgreSQL ${found}, and this is ${programs.majorVersion}`,
    { remedy: `Dump it with PostgreSQL ${found} (pg_dump) and restore it into a new folder.` },
  );
}

function launch(
  programs: PostgresPrograms,
  account: Account,
  cluster: string,
  log: string,
  { socketDirectory, durable = true }: EmbeddedOptions,
): ChildProcess {
  const chosen = {
    ...settings,
    ...(durable ? {} : forgetful),
    unix_socket_directories: socketDirectory,
  };
  const [program, ...parameters] = commandAs(account, [
    join(programs.folder, 'bin', 'postgres'),
    ...['-D', cluster],
    ...Object.entries(chosen).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const output = openSync(log, 'w');
  const server = spawn(program, parameters, {
    env: environment(programs),
    stdio: ['ignore', output, output],
    cwd: '/',
    // An interrupt at the terminal is ours to deal with, in order.
    detached: true,
  });
  closeSync(output);
  return server;
}

function environment(programs: PostgresPrograms): NodeJS.ProcessEnv {
  return { ...process.env, LD_LIBRARY_PATH: programs.libraries, LC_ALL: 'C.UTF-8' };
}

async function whenReady(
  server: ChildProcess,
  socketDirectory: string,
  log: string,
): Promise<void> {
  let failure: unknown;
  server.on('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + startMillisecondsMax;
  while (failure === undefined && isRunning(server) && Date.now() < deadline) {
    if (await tryToConnect(socketDirectory)) return;
    await sleep(askAgainMilliseconds);
  }
  throw faultOfServer('PostgreSQL did not start', readFileSync(log, 'utf8').trim(), failure);
}

/** Connects, and makes the database where there is none. */
async function tryToConnect(socketDirectory: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(socketDirectory, 'postgres') });
  client.on('error', () => {});
  try {
    await client.connect();
    const known = await client.query('select 1 from pg_database where datname = $1', [
      databaseName,
    ]);
    if (known.rowCount === 0) await client.query(`create database ${databaseName}`);
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function urlOf(socketDirectory: string, database: string): string {
  return `postgres://${userName}@${encodeURIComponent(socketDirectory)}/${database}`;
}

function faultOfServer(sentence: string, said: string, cause: unknown): Fault {
  if (/No space left on device/.test(said)) {
    return new Fault('disk-full', 'there is no space left for the database', {
      remedy: 'Free some, or put the farm elsewhere with --state-dir.',
      cause,
    });
  }
  const end = said.split('\n').slice(-6).join('\n');
  return new Fault('child-failed', sentence, { remedy: `What it said:\n${end}`, cause });
}

/** The server of an earlier run that was killed too fast to take it along. */
async function stopOrphan(cluster: string): Promise<void> {
  const pid = readOrphan(cluster);
  if (pid === undefined) return;
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    const deadline = Date.now() + fastStopMillisecondsMax;
    while (readOrphan(cluster) === pid) {
      if (Date.now() > deadline) break;
      await sleep(askAgainMilliseconds);
    }
    if (readOrphan(cluster) !== pid) return;
  }
}

function readOrphan(cluster: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return command.includes(cluster) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** SIGINT is PostgreSQL's fast shutdown: connections are cut, and everything is written. */
async function stop(server: ChildProcess): Promise<void> {
  if (!isRunning(server)) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  const impatience = setTimeout(() => server.kill('SIGQUIT'), fastStopMillisecondsMax);
  await ended;
  clearTimeout(impatience);
}

const isRunning = (server: ChildProcess): boolean =>
  server.exitCode === null && server.signalCode === null && server.pid !== undefined;
