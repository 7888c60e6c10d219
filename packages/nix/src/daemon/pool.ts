import { isDeepStrictEqual } from 'node:util';
import type { DaemonAddress } from './address.ts';
import { DaemonConnection } from './connection.ts';
import { DaemonError } from './daemon-error.ts';
import { completeOptions } from './operations/set-options.ts';
import type { BuildOptions } from './operations/set-options.ts';
import { Turns } from './turns.ts';

/** An idle connection is a process of the daemon's. */
const defaultIdleMilliseconds = 60_000;
/**
 * What a connection built or was told to keep stays in the store until it is closed, and the daemon writes a list of it
 * that only grows. A new connection costs the daemon 5 ms of a processor, as much as a trivial build: 0.01 ms for each use.
 */
const defaultMostUses = 500;

/** How a pool keeps its connections. */
export type DaemonPoolOptions = {
  /** How many connections there may be; further work waits in line. */
  readonly limit: number;
  /** Connections that were not used for so long are closed. A minute by default. */
  readonly idleMilliseconds?: number;
  /** How often a connection is lent before it is closed. 500 times by default. */
  readonly mostUses?: number;
};

/** How a connection is borrowed. */
export type UseOptions = {
  /** What the connection is to be set to. Without it, it may be set to anything. */
  readonly options?: BuildOptions;
  /** Gives up waiting, or destroys the connection, and with it whatever the daemon does on it. */
  readonly signal?: AbortSignal;
};

/** How a pool is used just now. */
export type PoolStatus = {
  readonly idle: number;
  readonly lent: number;
  /** Work that waits in line. */
  readonly waiting: number;
};

type Kept = { readonly connection: DaemonConnection; uses: number; idleSince: number };

/**
 * Connections that are used again, first come, first served. They keep temporary roots until they are closed, and the
 * options that they were set to: whoever asks for the same gets one for which nothing has to be sent.
 */
export class DaemonPool implements AsyncDisposable {
  readonly #address: DaemonAddress;
  readonly #limit: number;
  readonly #idleMilliseconds: number;
  readonly #mostUses: number;
  readonly #turns: Turns;
  #idle: Kept[] = [];
  #lent = 0;
  #sweep: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(address: DaemonAddress, options: DaemonPoolOptions) {
    this.#address = address;
    this.#limit = options.limit;
    this.#idleMilliseconds = options.idleMilliseconds ?? defaultIdleMilliseconds;
    this.#mostUses = options.mostUses ?? defaultMostUses;
    this.#turns = new Turns(options.limit);
  }

  /** How many connections there are, and how much work waits for one. */
  get status(): PoolStatus {
    return { idle: this.#idle.length, lent: this.#lent, waiting: this.#turns.waiting };
  }

  /**
   * Lends a connection to `work`, which must be done with it when its promise settles. After a
   * `DaemonError` the connection is not lent again.
   */
  async use<T>(
    work: (connection: DaemonConnection) => Promise<T>,
    { options, signal }: UseOptions = {},
  ): Promise<T> {
    using _turn = await this.#turns.take(signal);
    if (this.#disposed) throw new DaemonError('closed', 'The pool of connections was closed');
    this.#lent += 1;
    try {
      return await this.#lend(await this.#take(options, signal), work, { options, signal });
    } finally {
      this.#lent -= 1;
    }
  }

  async #lend<T>(
    kept: Kept,
    work: (connection: DaemonConnection) => Promise<T>,
    { options, signal }: { [Name in keyof UseOptions]: UseOptions[Name] | undefined },
  ): Promise<T> {
    const { connection } = kept;
    const destroy = () => connection.destroy();
    signal?.addEventListener('abort', destroy, { once: true });
    let fit = false;
    try {
      if (options !== undefined) await connection.setOptions(options);
      const result = await work(connection);
      fit = true;
      return result;
    } catch (error) {
      signal?.throwIfAborted();
      fit = !(error instanceof DaemonError);
      throw error;
    } finally {
      signal?.removeEventListener('abort', destroy);
      await this.#giveBack(kept, fit);
    }
  }

  /** Refuses work that waits or comes later, lets the rest finish, and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#sweep);
    const places = Array.from({ length: this.#limit }, () => this.#turns.take());
    for (const turn of await Promise.all(places)) turn[Symbol.dispose]();
    await closeAll(this.#idle.splice(0));
  }

  /** The one used last that fits, so that those that are not needed grow old. */
  async #take(options: BuildOptions | undefined, signal: AbortSignal | undefined): Promise<Kept> {
    this.#idle = this.#idle.filter(({ connection }) => connection.isOpen);
    const same = this.#idle.findLast((kept) => isSetTo(kept, options));
    const kept = same ?? this.#idle.findLast((other) => canBeSetTo(other, options));
    if (kept === undefined) {
      await this.#makeRoom();
      const connection = await DaemonConnection.connect(
        this.#address,
        signal === undefined ? {} : { signal },
      );
      return { connection, uses: 0, idleSince: 0 };
    }
    this.#idle.splice(this.#idle.indexOf(kept), 1);
    return kept;
  }

  async #giveBack(kept: Kept, fit: boolean): Promise<void> {
    kept.uses += 1;
    if (!fit || !kept.connection.isOpen || kept.uses >= this.#mostUses) {
      await kept.connection[Symbol.asyncDispose]();
      return;
    }
    kept.idleSince = performance.now();
    this.#idle.push(kept);
    this.#sweep ??= setTimeout(() => this.#closeOld(), this.#idleMilliseconds).unref();
  }

  /** Closes the oldest idle connections that stand in the way of a new one; none of them fits. */
  async #makeRoom(): Promise<void> {
    const surplus = this.#idle.length + this.#lent - this.#limit;
    if (surplus > 0) await closeAll(this.#idle.splice(0, surplus));
  }

  #closeOld(): void {
    this.#sweep = undefined;
    const limit = performance.now() - this.#idleMilliseconds;
    const old = this.#idle.filter(({ idleSince }) => idleSince <= limit);
    this.#idle = this.#idle.filter(({ idleSince }) => idleSince > limit);
    if (this.#idle.length > 0)
      this.#sweep = setTimeout(() => this.#closeOld(), this.#idleMilliseconds).unref();
    void closeAll(old);
  }
}

function isSetTo({ connection }: Kept, options: BuildOptions | undefined): boolean {
  return options === undefined || isDeepStrictEqual(connection.options, completeOptions(options));
}

/** A daemon forgets no override; only another value for the same name goes over it. */
function canBeSetTo({ connection }: Kept, options: BuildOptions | undefined): boolean {
  const before = [...(connection.options?.overrides.keys() ?? [])];
  return before.every((name) => options?.overrides?.has(name) === true);
}

async function closeAll(idle: readonly Kept[]): Promise<void> {
  await Promise.all(idle.map(({ connection }) => connection[Symbol.asyncDispose]()));
}
