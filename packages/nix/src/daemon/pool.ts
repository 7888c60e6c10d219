import type { DaemonAddress } from './address.ts';
import { DaemonConnection } from './connection.ts';
import { DaemonError } from './daemon-error.ts';
import { Turns } from './turns.ts';

export type DaemonPoolOptions = {
  /** How many connections there may be; further work waits in line. */
  readonly limit: number;
};

/**
 * Connections that are used again. They keep temporary roots until they are closed, and options set
 * on one stay set, so that builds should have connections of their own.
 */
export class DaemonPool implements AsyncDisposable {
  readonly #address: DaemonAddress;
  readonly #limit: number;
  readonly #turns: Turns;
  readonly #idle: DaemonConnection[] = [];
  #disposed = false;

  constructor(address: DaemonAddress, { limit }: DaemonPoolOptions) {
    this.#address = address;
    this.#limit = limit;
    this.#turns = new Turns(limit);
  }

  /**
   * Lends a connection to `work`, which must be done with it when its promise settles. After a
   * `DaemonError` the connection is not lent again.
   */
  async use<T>(work: (connection: DaemonConnection) => Promise<T>): Promise<T> {
    using _turn = await this.#turns.take();
    if (this.#disposed) throw new DaemonError('closed', 'The pool of connections was closed');
    const connection = this.#takeIdle() ?? (await DaemonConnection.connect(this.#address));
    try {
      const result = await work(connection);
      this.#idle.push(connection);
      return result;
    } catch (error) {
      if (error instanceof DaemonError) await connection[Symbol.asyncDispose]();
      else this.#idle.push(connection);
      throw error;
    }
  }

  /** Refuses work that waits or comes later, lets the rest finish, and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const places = Array.from({ length: this.#limit }, () => this.#turns.take());
    for (const turn of await Promise.all(places)) turn[Symbol.dispose]();
    await Promise.all(this.#idle.splice(0).map((connection) => connection[Symbol.asyncDispose]()));
  }

  #takeIdle(): DaemonConnection | undefined {
    let connection = this.#idle.pop();
    while (connection?.isOpen === false) connection = this.#idle.pop();
    return connection;
  }
}
