import { DaemonConnection } from '@iolaus/nix';
import type { DaemonAddress, StorePath } from '@iolaus/nix';

// Everything that a connection built or was told to keep stays in the store until it is closed, and the daemon writes
// a list of it that only grows. A new connection costs it some ten milliseconds.
const buildsMax = 500;
const lentMillisecondsMax = 600_000;
const keptPathsMax = 20_000;
// Each idle connection is a process of the daemon's.
const idleMilliseconds = 60_000;

/** A connection to the daemon for one build at a time. */
export class BuildConnection {
  readonly daemon: DaemonConnection;
  readonly #kept = new Set<StorePath>();
  readonly #openedAt = Date.now();
  #builds = 0;

  constructor(daemon: DaemonConnection) {
    this.daemon = daemon;
  }

  /** Keeps paths, valid or not yet, from being collected until the connection is closed. */
  async keep(paths: readonly StorePath[]): Promise<void> {
    const unkept = paths.filter((path) => !this.#kept.has(path));
    if (unkept.length === 0) return;
    await this.daemon.addTempRoots(unkept);
    for (const path of unkept) this.#kept.add(path);
  }

  /** Called after each build: whether there may be another. */
  noteBuild(): boolean {
    this.#builds += 1;
    const isYoung = Date.now() - this.#openedAt < lentMillisecondsMax;
    const holdsLittle = this.#builds < buildsMax && this.#kept.size < keptPathsMax;
    return this.daemon.isOpen && isYoung && holdsLittle;
  }
}

type Idle = { readonly connection: BuildConnection; readonly since: number };

/** Connections for builds, used again after builds that ended in order. */
export class BuildConnections implements AsyncDisposable {
  readonly #address: DaemonAddress;
  readonly #idleMax: number;
  #idle: Idle[] = [];
  #sweep: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(address: DaemonAddress, options: { readonly idleMax: number }) {
    this.#address = address;
    this.#idleMax = options.idleMax;
  }

  /**
   * Lends a connection for one build. It is destroyed, and with it whatever the daemon does on it, as soon as the
   * signal is aborted, and when `work` fails. Rejects with `DaemonError` if there is none to be had.
   */
  async use<Result>(
    signal: AbortSignal,
    work: (connection: BuildConnection) => Promise<Result>,
  ): Promise<Result> {
    const connection = await this.#take(signal);
    const destroy = () => connection.daemon.destroy();
    signal.addEventListener('abort', destroy, { once: true });
    let fit = false;
    try {
      signal.throwIfAborted();
      const result = await work(connection);
      fit = connection.noteBuild();
      return result;
    } finally {
      signal.removeEventListener('abort', destroy);
      if (fit && !this.#disposed && this.#idle.length < this.#idleMax) this.#putBack(connection);
      else await connection.daemon[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#sweep);
    await this.#close(this.#idle.splice(0));
  }

  async #take(signal: AbortSignal): Promise<BuildConnection> {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop()) {
      if (last.connection.daemon.isOpen) return last.connection;
    }
    return new BuildConnection(await DaemonConnection.connect(this.#address, { signal }));
  }

  /** The last one used is taken first, so that those that are not needed grow old. */
  #putBack(connection: BuildConnection): void {
    this.#idle.push({ connection, since: Date.now() });
    this.#sweep ??= setTimeout(() => this.#closeOld(), idleMilliseconds).unref();
  }

  #closeOld(): void {
    this.#sweep = undefined;
    const limit = Date.now() - idleMilliseconds;
    const old = this.#idle.filter(({ since }) => since <= limit);
    this.#idle = this.#idle.filter(({ since }) => since > limit);
    if (this.#idle.length > 0) {
      this.#sweep = setTimeout(() => this.#closeOld(), idleMilliseconds).unref();
    }
    void this.#close(old);
  }

  async #close(connections: readonly Idle[]): Promise<void> {
    await Promise.all(
      connections.map(({ connection }) => connection.daemon[Symbol.asyncDispose]()),
    );
  }
}
