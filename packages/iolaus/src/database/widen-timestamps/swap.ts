import type { Database, Transaction } from '../connection/connection.ts';
import { alone } from './locking.ts';
import type { LockTally } from './locking.ts';
import { readBelongings } from './belongings.ts';
import type { Belongings } from './belongings.ts';
import { copyToNarrow } from './copying.ts';
import { presenceName } from './counterparts.ts';
import { narrowName, quoted, wideName } from './time-columns.ts';
import type { TableState } from './table-state.ts';

/**
 * Puts the wide columns in the place of the narrow ones, with their indexes and checks: names change, and no row. The narrow
 * ones go on being filled, so that they could take their place again.
 */
export async function swap(database: Database, state: TableState, tally: LockTally): Promise<void> {
  const belongings = await readBelongings(database, state);
  await alone(database, state.table, tally, async (transaction) => {
    await swapColumns(transaction, state);
    await swapBelongings(transaction, state, belongings);
    await copyToNarrow(transaction, state.table, state.columns);
  });
}

async function swapColumns(
  transaction: Transaction,
  { table, columns }: TableState,
): Promise<void> {
  const alter = `alter table ${quoted(table)}`;
  for (const { name, notNull } of columns) {
    if (notNull) {
      // Nothing is looked through: a check says it already.
      await transaction.query(`${alter} alter column ${quoted(wideName(name))} set not null`);
      await transaction.query(`${alter} drop constraint ${quoted(presenceName(name))}`);
      await transaction.query(`${alter} alter column ${quoted(name)} drop not null`);
    }
    await transaction.query(
      `${alter} rename column ${quoted(name)} to ${quoted(narrowName(name))}`,
    );
    await transaction.query(`${alter} rename column ${quoted(wideName(name))} to ${quoted(name)}`);
  }
}

async function swapBelongings(
  transaction: Transaction,
  { table }: TableState,
  { indexes, checks, triggers }: Belongings,
): Promise<void> {
  const rename = (what: string, from: string, to: string): Promise<unknown> =>
    transaction.query(`alter ${what} ${quoted(from)} rename to ${quoted(to)}`);
  for (const { name } of indexes) {
    await rename('index', name, narrowName(name));
    await rename('index', wideName(name), name);
  }
  const constraint = `table ${quoted(table)} rename constraint`;
  for (const { name } of checks) {
    await transaction.query(`alter ${constraint} ${quoted(name)} to ${quoted(narrowName(name))}`);
    await transaction.query(`alter ${constraint} ${quoted(wideName(name))} to ${quoted(name)}`);
  }
  for (const { name, definition } of triggers) {
    await transaction.query(`drop trigger ${quoted(name)} on ${quoted(table)}`);
    await transaction.query(definition);
  }
}
