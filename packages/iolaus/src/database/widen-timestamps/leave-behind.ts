import type { Database, Queryable } from '../connection/connection.ts';
import { alone } from './locking.ts';
import type { LockTally } from './locking.ts';
import { dropTrigger } from './copying.ts';
import { quoted } from './time-columns.ts';
import type { TableState } from './table-state.ts';

const readIndexesStatement = `
  select i.relname::text as "name" from pg_index x join pg_class i on i.oid = x.indexrelid
  where x.indrelid = to_regclass($1) and exists (
    select from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.classid = 'pg_class'::regclass and d.objid = i.oid and d.refobjid = x.indrelid and a.attname = any($2::text[]))`;

/** Drops the columns that are beside those in their place, with all that belongs to them, and the trigger that fills them. */
export async function leaveBehind(
  database: Database,
  { table, columns }: TableState,
  nameOf: (column: string) => string,
  tally: LockTally,
): Promise<void> {
  const names = columns.map(({ name }) => nameOf(name));
  for (const index of await indexesOf(database, table, names)) {
    await database.query(`drop index concurrently if exists ${quoted(index)}`);
  }
  const drops = names.map((name) => `drop column if exists ${quoted(name)}`);
  await alone(database, table, tally, async (transaction) => {
    await dropTrigger(transaction, table);
    await transaction.query(`alter table ${quoted(table)} ${drops.join(', ')}`);
  });
}

async function indexesOf(
  queryable: Queryable,
  table: string,
  columns: readonly string[],
): Promise<string[]> {
  const rows = await queryable.query<{ name: string }>(readIndexesStatement, [table, columns]);
  return rows.map(({ name }) => name);
}
