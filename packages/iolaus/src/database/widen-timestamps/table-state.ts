import type { Queryable } from '../connection/connection.ts';
import { timeColumns } from './time-columns.ts';

/**
 * How far a table has come. Nothing is remembered anywhere else, so that whoever goes on after a kill sees what is there.
 *
 * - `narrow`: nothing has been done.
 * - `widening`: wide columns are beside the narrow ones, and a trigger fills them.
 * - `swapped`: the wide columns are in their place, and the narrow ones are kept in case somebody wants to go back.
 * - `wide`: nothing is left to do.
 */
export type Stage = 'narrow' | 'widening' | 'swapped' | 'wide';

export type TimeColumn = { readonly name: string; readonly notNull: boolean };

export type TableState = {
  readonly table: string;
  readonly stage: Stage;
  /** The columns that are narrow, or were. */
  readonly columns: readonly TimeColumn[];
  readonly bytes: number;
};

type Row = {
  readonly table: string;
  readonly column: string;
  readonly isNarrow: boolean;
  readonly notNull: boolean;
  readonly bytes: number;
};

const readColumnsStatement = `
  select c.relname::text as "table", a.attname::text as "column", a.atttypid = 'int4'::regtype as "isNarrow",
    a.attnotnull as "notNull", pg_total_relation_size(c.oid)::float8 as "bytes"
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = to_regnamespace(current_schema()) and c.relkind = 'r' and c.relname = any($1::text[])
    and a.attnum > 0 and not a.attisdropped
  order by array_position($1::text[], c.relname::text), a.attnum`;

/** All tables with times, in the order in which they are dealt with: the small ones are not last, so that they show mistakes. */
export async function readTables(database: Queryable): Promise<TableState[]> {
  const rows = await database.query<Row>(readColumnsStatement, [Object.keys(timeColumns)]);
  const tables = Map.groupBy(rows, ({ table }) => table);
  return [...tables].map(([table, columns]) => describeTable(table, columns));
}

export async function readTable(database: Queryable, table: string): Promise<TableState> {
  const state = (await readTables(database)).find((known) => known.table === table);
  if (state === undefined) throw new Error(`${table} is gone`);
  return state;
}

function describeTable(table: string, rows: readonly Row[]): TableState {
  const byName = new Map(rows.map((row) => [row.column, row]));
  const has = (column: string, suffix: string): boolean => byName.has(`${column}_${suffix}`);
  const columns = (timeColumns[table] ?? []).flatMap((name) => {
    const column = byName.get(name);
    if (column === undefined) return [];
    const concerned = column.isNarrow || has(name, 'wide') || has(name, 'narrow');
    return concerned ? [{ name, notNull: column.notNull }] : [];
  });
  return { table, stage: stageOf(columns, has), columns, bytes: rows[0]?.bytes ?? 0 };
}

function stageOf(
  columns: readonly TimeColumn[],
  has: (column: string, suffix: string) => boolean,
): Stage {
  if (columns.length === 0) return 'wide';
  if (columns.some(({ name }) => has(name, 'narrow'))) return 'swapped';
  return columns.some(({ name }) => has(name, 'wide')) ? 'widening' : 'narrow';
}
