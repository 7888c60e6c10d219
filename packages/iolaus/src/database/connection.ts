import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Fault } from '../fault/fault.ts';
import { openListener } from './listener.ts';
import type { Listener } from './listener.ts';

/** A value of a statement's parameter. */
export type Parameter =
  | string
  | number
  | boolean
  | null
  | readonly (string | number | boolean | null)[];

/** What statements run on: the database, or a transaction. */
export interface Queryable {
  /** The rows, each an object by column name. */
  query<Row extends object>(statement: string, parameters?: readonly Parameter[]): Promise<Row[]>;
}

/** Statements in it happen together or not at all. */
export interface Transaction extends Queryable {
  readonly isTransaction: true;
}

export interface Database extends Queryable {
  /**
   * Commits what `work` did, or nothing if it throws. Tried again after a deadlock or a serialisation failure, so that
   * `work` must have no effects besides its statements.
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
  close(): Promise<void>;
}

export type DatabaseOptions = {
  readonly url: string;
  readonly maxConnections: number;
  readonly applicationName: string;
};

// A server that is starting again answers within seconds; beyond that, somebody has to be told.
const connectMillisecondsMax = 10_000;
// Hydra's own count: deadlocks of two programs resolve at the first or second try.
const attemptsMax = 10;
const retryMilliseconds = 50;

// Sizes and 64-bit times: exact as numbers up to 2^53, which is far beyond both.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${text} from the database is too large`);
});

/** Connects. Throws `Fault` `database-unreachable`, which names server and database but no password. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const settings = connectionSettings(options);
  const pool = new pg.Pool({ ...settings, max: options.maxConnections });
  // An idle connection that dies is replaced when it is needed.
  pool.on('error', () => {});
  try {
    await pool.query('select 1');
  } catch (cause) {
    await pool.end();
    throw unreachable(options.url, cause);
  }
  return {
    query: (statement, parameters) => runStatement(pool, statement, parameters),
    transaction: (work) => inTransaction(pool, work),
    listen: (channels, onNotify, onReconnect) =>
      openListener({ settings, channels, onNotify, onReconnect }),
    close: () => pool.end(),
  };
}

export type ConnectionSettings = {
  readonly connectionString: string;
  readonly application_name: string;
  readonly connectionTimeoutMillis: number;
  readonly keepAlive: true;
};

function connectionSettings({ url, applicationName }: DatabaseOptions): ConnectionSettings {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new Fault('bad-usage', `'${withoutPassword(url)}' is no address of a database`, {
      remedy: 'It should look like postgres://user@host:5432/hydra.',
    });
  }
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectMillisecondsMax,
    keepAlive: true,
  };
}

function unreachable(url: string, cause: unknown): Fault {
  return new Fault('database-unreachable', `the database ${withoutPassword(url)} does not answer`, {
    remedy: 'Start it, or give another address with --db-url.',
    cause,
  });
}

function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@]*):[^@]*@/, '$1:***@');
}

type Runner = Pick<pg.Pool, 'query'>;

async function runStatement<Row extends object>(
  runner: Runner | pg.PoolClient,
  statement: string,
  parameters: readonly Parameter[] = [],
): Promise<Row[]> {
  // Named by their text, statements are prepared once a connection; their number is that of our files.
  const name = statementName(statement);
  const result = await runner.query<Row>({ name, text: statement, values: [...parameters] });
  return result.rows;
}

const statementNames = new Map<string, string>();

function statementName(statement: string): string {
  let name = statementNames.get(statement);
  if (name === undefined) {
    name = `iolaus_${statementNames.size}`;
    statementNames.set(statement, name);
  }
  return name;
}

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    const client = await pool.connect();
    // While the client is ours its death is told by the statement that it meets.
    const ignore = (): void => {};
    client.on('error', ignore);
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await work({
        isTransaction: true,
        query: (statement, parameters) => runStatement(client, statement, parameters),
      });
      await client.query('commit');
      return result;
    } catch (error) {
      broken = await rollBack(client);
      if (!isConflict(error) || attempt === attemptsMax) throw error;
    } finally {
      client.off('error', ignore);
      client.release(broken);
    }
    await sleep(attempt * retryMilliseconds);
  }
}

/** The error with which the connection is of no further use. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Two transactions got into each other's way: serialisation failure, deadlock. */
function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01');
}
