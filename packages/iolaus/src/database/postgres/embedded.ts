import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseAccount, makeOwnFolder } from './account.ts';
import { provideCluster, stopOrphan } from './cluster.ts';
import { findPostgres, linkLibraries } from './programs.ts';
import {
  databaseName,
  faultOfServer,
  isRunning,
  startServer,
  stopServer,
  urlOf,
} from './server.ts';
import type { ServerPlace } from './server.ts';

/** A real PostgreSQL server of our own, for this process only. One that crashes is started again. */
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
  /** A folder for the socket, made if it is not there. A path that is too long for sockets is replaced by another. */
  readonly socketDirectory: string;
  /** For tests: a crash of the machine may lose everything. Default: nothing committed is ever lost. */
  readonly durable?: boolean;
  /** Told when the server ended by itself, and for each vain try to start it again. */
  onTrouble?(error: unknown): void;
};

/**
 * Starts the server, and makes its cluster and database where there is none. Works as root too, where it runs under the
 * account `nobody`. Ends with this process, however that ends; a server that an earlier run left on the same folder is
 * stopped first. Throws `Fault` where it does not start, with what it said.
 */
export async function startEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const { directory, durable = true } = options;
  using leftovers = new DisposableStack();
  const found = findPostgres();
  const cluster = join(directory, 'cluster');
  const socketDirectory = provideSocketDirectory(options.socketDirectory, leftovers);
  const account = chooseAccount(cluster, [directory, socketDirectory, found.folder]);
  for (const folder of [directory, socketDirectory]) makeOwnFolder(folder, account);
  const programs = linkLibraries(found, join(directory, 'libraries'));
  await provideCluster(programs, account, cluster, durable);
  await stopOrphan(cluster);
  const log = join(directory, 'server.log');
  const place = { programs, account, cluster, socketDirectory, log, durable };
  const server = new SupervisedServer(place, await startServer(place), (error) =>
    options.onTrouble?.(error),
  );
  const later = leftovers.move();
  const stop = async (): Promise<void> => {
    await server.stop();
    later.dispose();
  };
  return {
    url: urlOf(socketDirectory, databaseName),
    get pid() {
      return server.pid;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

// The system's limit for the path of a socket, with PostgreSQL's name for it and the zero at its end.
const socketDirectoryBytesMax = 108 - '/.s.PGSQL.5432'.length - 1;

function provideSocketDirectory(wanted: string, leftovers: DisposableStack): string {
  if (Buffer.byteLength(wanted) <= socketDirectoryBytesMax) return wanted;
  return leftovers.adopt(mkdtempSync(join(tmpdir(), 'iolaus-')), (folder) =>
    rmSync(folder, { recursive: true, force: true }),
  );
}

const restartMillisecondsMin = 100;
const restartMillisecondsMax = 30_000;
// A server that ran for so long did not crash for the reason that it started with.
const calmMilliseconds = 60_000;

/** A server that ends by itself (its memory taken, its disk full) is started again, after longer and longer waits. */
class SupervisedServer {
  readonly #place: ServerPlace;
  readonly #onTrouble: (error: unknown) => void;
  readonly #stopping = new AbortController();
  readonly #keeping: Promise<void>;
  #server: ChildProcess;

  constructor(place: ServerPlace, server: ChildProcess, onTrouble: (error: unknown) => void) {
    this.#place = place;
    this.#server = server;
    this.#onTrouble = onTrouble;
    this.#keeping = this.#keep();
  }

  get pid(): number {
    return this.#server.pid ?? 0;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#keeping;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stopping;
    let wait = restartMillisecondsMin;
    for (;;) {
      const since = Date.now();
      await this.#untilEnd();
      if (signal.aborted) return;
      this.#onTrouble(faultOfServer(this.#place, 'PostgreSQL ended by itself'));
      if (Date.now() - since > calmMilliseconds) wait = restartMillisecondsMin;
      await sleep(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      wait = Math.min(wait * 2, restartMillisecondsMax);
      try {
        this.#server = await startServer(this.#place);
      } catch (error) {
        this.#onTrouble(error);
      }
    }
  }

  /** Its own, or the one that is asked for. */
  async #untilEnd(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      if (isRunning(this.#server)) await once(this.#server, 'exit', { signal });
    } catch {
      await stopServer(this.#server);
    }
  }
}
