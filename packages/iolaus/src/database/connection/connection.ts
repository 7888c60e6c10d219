import { systemClock } from '../../clock/system-clock.ts';
import { openPool } from './connection-pool.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { connectionSettings } from './connection-settings.ts';
import { faultOfDatabase } from './database-fault.ts';
import { openListener } from './listener.ts';
import type { Listener } from './listener.ts';
import { Patience } from './patience.ts';
import type { Waiting } from './patience.ts';
import { inTransaction, queryPatiently } from './transaction.ts';
import type { Queryable, Transaction } from './transaction.ts';

export type { Queryable, Transaction } from './transaction.ts';

/** What fails for good is a `Fault`: `database-unreachable`, `disk-full` or `database-failed`. */
export interface Database extends Queryable {
  /**
   * For reading, and for what does no harm when it is done twice: a statement that loses its connection is executed
   * again. Fails when the server has been away for some two seconds.
   */
  query: Queryable['query'];
  /**
   * Commits what `work` did, once, or nothing if it throws. Tried again after a deadlock, a serialisation failure or a
   * lost connection, so that `work` must have no effects besides its statements. A server that is away is waited for.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /**
   * Hears notifications until it is closed. `onReconnect` is called whenever some may have been missed: a notification
   * is a hint, and after a lost connection one has to look oneself.
   */
  listen(
    channels: readonly string[],
    onNotify: (channel: string, payload: string) => void,
    onReconnect: () => void,
  ): Promise<Listener>;
  /** Who still waits for a server that is away is told so at once. May be called again. */
  close(): Promise<void>;
}

export type DatabaseOptions = {
  /** `postgres://user@host:port/name`. */
  readonly url: string;
  /** Besides them each `listen` has one. */
  readonly maxConnections: number;
  readonly applicationName: string;
  /** How long a transaction waits for a server that is away. Default: 60. */
  readonly patienceSeconds?: number;
  /** For lists, whose best index depends on what is looked for: statements are planned each time for their values. */
  readonly plansForValues?: boolean;
};

// A restart takes seconds, the switch to another server up to a minute; beyond that somebody has to be told.
const defaultPatienceSeconds = 60;
// Who reads can say that there is nothing to be read, and usually there is a person who waits.
const queryPatienceSeconds = 2;

/** What leads to a server: connections that are lent, one more for each who listens, and time to wait. */
export type ServerDoors = Waiting & {
  readonly pool: ConnectionPool;
  readonly listen: Database['listen'];
  /** What a person can do about a failure; what is none of the server's stays as it is. */
  readonly explain: (error: unknown) => unknown;
};

const systemWaiting: Waiting = { clock: systemClock, random: Math.random };

/** Connects. Throws `Fault` `database-unreachable`, which names server and database but no password. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { url, maxConnections, patienceSeconds } = options;
  const settings = connectionSettings(options);
  const pool = openPool(settings, maxConnections, options.plansForValues);
  const explain = (error: unknown): unknown => faultOfDatabase(url, error);
  try {
    // Nobody has seen it alive yet: an address that is wrong is told at once.
    await queryPatiently(
      pool,
      new Patience(systemWaiting, 0, new AbortController().signal),
      'select 1',
    );
  } catch (error) {
    await pool.close();
    throw explain(error);
  }
  return databaseBehind(
    {
      ...systemWaiting,
      pool,
      explain,
      listen: (channels, onNotify, onReconnect) =>
        openListener({ settings, channels, onNotify, onReconnect }),
    },
    patienceSeconds,
  );
}

/** The database of a server, wherever that is. */
export function databaseBehind(
  doors: ServerDoors,
  patienceSeconds = defaultPatienceSeconds,
): Database {
  const { pool, listen, explain } = doors;
  const closing = new AbortController();
  let closed: Promise<void> | undefined;
  const patience = (seconds: number): Patience =>
    new Patience(doors, seconds * 1_000, closing.signal);
  const explained = <Result>(result: Promise<Result>): Promise<Result> =>
    result.catch((error: unknown) => {
      throw explain(error);
    });
  return {
    query: (statement, parameters) =>
      explained(queryPatiently(pool, patience(queryPatienceSeconds), statement, parameters)),
    transaction: (work) => explained(inTransaction(pool, patience(patienceSeconds), work)),
    listen: (channels, onNotify, onReconnect) => explained(listen(channels, onNotify, onReconnect)),
    close: () => {
      closing.abort();
      closed ??= pool.close();
      return closed;
    },
  };
}
