import type { Database, Transaction } from '../connection/connection.ts';
import { alone } from './locking.ts';
import type { LockTally } from './locking.ts';
import { readBelongings } from './belongings.ts';
import { copyToWide } from './copying.ts';
import { narrowName, quoted, wideName } from './time-columns.ts';
import type { TableState } from './table-state.ts';

/** Puts the narrow columns back in their place. Times that do not fit into them have to be dealt with before. */
export async function unswap(
  database: Database,
  state: TableState,
  tally: LockTally,
): Promise<void> {
  const { table, columns } = state;
  const alter = `alter table ${quoted(table)}`;
  const { indexes, checks, triggers } = await readBelongings(database, state);
  for (const name of columns.filter(({ notNull }) => notNull).map((column) => column.name)) {
    await provePresence(database, table, narrowName(name), tally);
  }
  await alone(database, table, tally, async (transaction) => {
    for (const { name, notNull } of columns) {
      const narrow = quoted(narrowName(name));
      if (notNull) {
        await transaction.query(`${alter} alter column ${narrow} set not null`);
        await transaction.query(
          `${alter} drop constraint ${quoted(`${narrowName(name)}_present`)}`,
        );
        await transaction.query(`${alter} alter column ${quoted(name)} drop not null`);
      }
      await transaction.query(
        `${alter} rename column ${quoted(name)} to ${quoted(wideName(name))}`,
      );
      await transaction.query(`${alter} rename column ${narrow} to ${quoted(name)}`);
    }
    for (const { name } of indexes) await exchange(transaction, 'index', name);
    for (const { name } of checks) await exchangeCheck(transaction, table, name);
    for (const { name, definition } of triggers) {
      await transaction.query(`drop trigger ${quoted(name)} on ${quoted(table)}`);
      await transaction.query(definition);
    }
    await copyToWide(transaction, table, columns);
  });
}

async function provePresence(
  database: Database,
  table: string,
  column: string,
  tally: LockTally,
): Promise<void> {
  const alter = `alter table ${quoted(table)}`;
  const name = quoted(`${column}_present`);
  await alone(database, table, tally, async (transaction) => {
    await transaction.query(`${alter} drop constraint if exists ${name}`);
    const check = `check (${quoted(column)} is not null) not valid`;
    await transaction.query(`${alter} add constraint ${name} ${check}`);
  });
  await database.query(`${alter} validate constraint ${name}`);
}

async function exchange(transaction: Transaction, what: string, name: string): Promise<void> {
  await transaction.query(`alter ${what} ${quoted(name)} rename to ${quoted(wideName(name))}`);
  await transaction.query(`alter ${what} ${quoted(narrowName(name))} rename to ${quoted(name)}`);
}

async function exchangeCheck(transaction: Transaction, table: string, name: string): Promise<void> {
  const rename = `alter table ${quoted(table)} rename constraint`;
  await transaction.query(`${rename} ${quoted(name)} to ${quoted(wideName(name))}`);
  await transaction.query(`${rename} ${quoted(narrowName(name))} to ${quoted(name)}`);
}
