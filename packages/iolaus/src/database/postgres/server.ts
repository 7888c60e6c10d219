import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Fault } from '../../fault/fault.ts';
import { spawnAs } from './account.ts';
import type { Account } from './account.ts';
import { userName } from './cluster.ts';
import { faultOfPostgres } from './fault.ts';
import type { PostgresPrograms } from './programs.ts';
import { serverParameters } from './settings.ts';

export type ServerPlace = {
  readonly programs: PostgresPrograms;
  readonly account: Account;
  readonly cluster: string;
  readonly socketDirectory: string;
  /** What the server prints; that of the time before is kept beside it, with `.old` at the end. */
  readonly log: string;
  readonly durable: boolean;
};

export const databaseName = 'iolaus';

// A start with recovery after a crash takes a second or two on a slow disk.
const startMillisecondsMax = 60_000;
// Each question before it is ready is a line in its log.
const askAgainMillisecondsMin = 10;
const askAgainMillisecondsMax = 250;
// A fast shutdown writes a checkpoint; who takes longer has lost its disk.
const fastStopMillisecondsMax = 5_000;

/** Resolves when it answers and has our database. Throws `Fault` with what the server said. */
export async function startServer(place: ServerPlace): Promise<ChildProcess> {
  const deadline = Date.now() + startMillisecondsMax;
  for (;;) {
    const server = launch(place);
    const failure = await whenReady(server, place, deadline);
    if (failure === undefined) return server;
    await stopServer(server);
    // Children of a server that was killed end by themselves, and until then nobody may touch the cluster.
    const isTooEarly = /pre-existing shared memory block/.test(failure.remedy ?? '');
    if (!isTooEarly || Date.now() > deadline) throw failure;
    await sleep(askAgainMillisecondsMax);
  }
}

function launch(place: ServerPlace): ChildProcess {
  if (existsSync(place.log)) renameSync(place.log, `${place.log}.old`);
  const output = openSync(place.log, 'w');
  try {
    const program = join(place.programs.folder, 'bin', 'postgres');
    return spawnAs(place.account, [program, ...serverParameters(place, place.durable)], {
      environment: place.programs.environment,
      stdio: ['ignore', output, output],
    });
  } finally {
    closeSync(output);
  }
}

async function whenReady(
  server: ChildProcess,
  place: ServerPlace,
  deadline: number,
): Promise<Fault | undefined> {
  const failures: unknown[] = [];
  server.on('error', (error) => failures.push(error));
  let wait = askAgainMillisecondsMin;
  while (failures.length === 0 && isRunning(server) && Date.now() < deadline) {
    if (await tryToConnect(place.socketDirectory)) return undefined;
    await sleep(wait);
    wait = Math.min(wait * 2, askAgainMillisecondsMax);
  }
  return faultOfServer(place, 'PostgreSQL did not start', failures[0]);
}

/** With the last that the server said. */
export function faultOfServer(place: ServerPlace, sentence: string, cause?: unknown): Fault {
  const said = readFileSync(place.log, 'utf8');
  return faultOfPostgres(sentence, { said, folder: place.cluster, cause });
}

/** Connects, and makes the database where there is none. */
async function tryToConnect(socketDirectory: string): Promise<boolean> {
  const client = new pg.Client({
    connectionString: urlOf(socketDirectory, 'postgres'),
    ssl: false,
  });
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

export function urlOf(socketDirectory: string, database: string): string {
  return `postgres://${userName}@${encodeURIComponent(socketDirectory)}:5432/${database}`;
}

/** SIGINT is PostgreSQL's fast shutdown: connections are cut, and everything is written. */
export async function stopServer(server: ChildProcess): Promise<void> {
  if (!isRunning(server)) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  const impatience = setTimeout(() => server.kill('SIGQUIT'), fastStopMillisecondsMax);
  await ended;
  clearTimeout(impatience);
}

export const isRunning = (server: ChildProcess): boolean =>
  server.exitCode === null && server.signalCode === null && server.pid !== undefined;
