import pg from 'pg';
import type { Client, ConnectionPool } from './connection-pool.ts';
import { isConnectionLost } from './lost-connection.ts';
import type { Patience } from './patience.ts';
import { runStatement } from './statement.ts';
import type { Parameter } from './statement.ts';

/** What statements run on: the database, or a transaction. */
export interface Queryable {
  /** The rows, each an object by column name. */
  query<Row extends object>(statement: string, parameters?: readonly Parameter[]): Promise<Row[]>;
}

/** Statements in it happen together or not at all. */
export interface Transaction extends Queryable {
  readonly isTransaction: true;
}

type Work<Result> = (transaction: Transaction) => Promise<Result>;

type Attempt<Result> =
  | { readonly type: 'committed'; readonly result: Result }
  | { readonly type: 'undone'; readonly error: unknown }
  /** The connection was lost during the commit: only the server knows how that went. */
  | {
      readonly type: 'in-doubt';
      readonly transactionId: string;
      readonly result: Result;
      readonly error: unknown;
    };

/** Does `work` exactly once, in as many attempts as it takes. */
export async function inTransaction<Result>(
  pool: ConnectionPool,
  patience: Patience,
  work: Work<Result>,
): Promise<Result> {
  for (;;) {
    const attempt = await tryOnce(pool, work);
    const outcome = attempt.type === 'in-doubt' ? await settle(pool, patience, attempt) : attempt;
    if (outcome.type === 'committed') return outcome.result;
    if (isConflict(outcome.error)) await patience.afterConflict(outcome.error);
    else await patience.after(outcome.error);
  }
}

/** One statement, in a transaction of its own. It may be executed twice if the connection is lost meanwhile. */
export async function queryPatiently<Row extends object>(
  pool: ConnectionPool,
  patience: Patience,
  statement: string,
  parameters?: readonly Parameter[],
): Promise<Row[]> {
  for (;;) {
    try {
      return await pool.use((client) => runStatement<Row>(client, statement, parameters));
    } catch (error) {
      await patience.after(error);
    }
  }
}

async function tryOnce<Result>(pool: ConnectionPool, work: Work<Result>): Promise<Attempt<Result>> {
  try {
    return await pool.use(async (client) => {
      const begun = begin(client);
      try {
        const result = await work(transactionOn(client));
        return await commit(client, await begun, result);
      } catch (error) {
        await rollBack(client);
        throw error;
      }
    });
  } catch (error) {
    return { type: 'undone', error };
  }
}

export const transactionNumberStatement = 'select pg_current_xact_id()::text as id';

/** Resolves to the transaction's number. Goes to the server together with the first statement. */
function begin(client: Client): Promise<string> {
  const begun = client.query('begin');
  const numbered = runStatement<{ id: string }>(client, transactionNumberStatement);
  const number = Promise.all([begun, numbered]).then(([, [row]]) => row?.id ?? '');
  // The statement that follows tells of a failure, too, and often first.
  number.catch(() => {});
  return number;
}

const transactionOn = (client: Client): Transaction => ({
  isTransaction: true,
  query: (statement, parameters) => runStatement(client, statement, parameters),
});

async function commit<Result>(
  client: Client,
  transactionId: string,
  result: Result,
): Promise<Attempt<Result>> {
  let command: string;
  try {
    ({ command } = await client.query('commit'));
  } catch (error) {
    if (isConnectionLost(error)) return { type: 'in-doubt', transactionId, result, error };
    throw error;
  }
  // A transaction with a failed statement is rolled back by its commit, and PostgreSQL finds nothing wrong in that.
  if (command !== 'COMMIT') throw new Error('a statement of the transaction failed unnoticed');
  return { type: 'committed', result };
}

async function rollBack(client: Client): Promise<void> {
  try {
    await client.query('rollback');
  } catch (error) {
    // With its connection the transaction ends as well.
    if (!isConnectionLost(error)) throw error;
  }
}

async function settle<Result>(
  pool: ConnectionPool,
  patience: Patience,
  { transactionId, result, error }: Extract<Attempt<Result>, { type: 'in-doubt' }>,
): Promise<Exclude<Attempt<Result>, { type: 'in-doubt' }>> {
  for (;;) {
    const [row] = await queryPatiently<{ status: string | null }>(
      pool,
      patience,
      'select pg_xact_status($1::xid8) as status',
      [transactionId],
    );
    if (row?.status === 'committed') return { type: 'committed', result };
    if (row?.status === 'aborted') return { type: 'undone', error };
    // The server has not noticed yet that we are gone.
    await patience.after(error);
  }
}

/**
 * Two transactions got into each other's way: serialisation failure, deadlock, or the same step number taken by both, since
 * each counts from what it sees.
 */
function isConflict(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  if (error.code === '23505') return error.constraint === 'buildsteps_pkey';
  return error.code === '40001' || error.code === '40P01';
}
