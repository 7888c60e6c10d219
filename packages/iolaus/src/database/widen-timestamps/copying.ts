import type { Transaction } from '../connection/connection.ts';
import { narrowName, quoted, wideName } from './time-columns.ts';
import type { TimeColumn } from './table-state.ts';

/** Its name is the same on every table; functions and triggers of Hydra's have none like it. */
const triggerName = 'iolaus_widen';
const functionName = (table: string): string => `iolaus.widen_${table}`;

/** While the narrow columns are in their place: what is written to them goes to the wide ones, too. */
export async function copyToWide(
  transaction: Transaction,
  table: string,
  columns: readonly TimeColumn[],
): Promise<void> {
  const copies = columns.map(({ name }) => `new.${quoted(wideName(name))} := new.${quoted(name)};`);
  await writeFunction(transaction, table, copies);
}

/** While the wide columns are in their place: what still fits goes to the narrow ones, too. */
export async function copyToNarrow(
  transaction: Transaction,
  table: string,
  columns: readonly TimeColumn[],
): Promise<void> {
  const copies = columns.map(({ name }) => {
    const fits = `new.${quoted(name)} between -2147483648 and 2147483647`;
    return `new.${quoted(narrowName(name))} := case when ${fits} then new.${quoted(name)} end;`;
  });
  await writeFunction(transaction, table, copies);
}

/** Before every insertion and update of a row; Hydra has no other triggers that come before. */
export async function addTrigger(transaction: Transaction, table: string): Promise<void> {
  await transaction.query(
    `create trigger ${triggerName} before insert or update on ${quoted(table)}
     for each row execute function ${functionName(table)}()`,
  );
}

export async function dropTrigger(transaction: Transaction, table: string): Promise<void> {
  await transaction.query(`drop trigger if exists ${triggerName} on ${quoted(table)}`);
  await transaction.query(`drop function if exists ${functionName(table)}()`);
}

async function writeFunction(
  transaction: Transaction,
  table: string,
  copies: readonly string[],
): Promise<void> {
  await transaction.query(
    `create or replace function ${functionName(table)}() returns trigger language plpgsql as
     $copy$ begin ${copies.join(' ')} return new; end; $copy$`,
  );
}
