import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../connection/connection.ts';
import { quoted, wideName } from './time-columns.ts';
import type { TableState } from './table-state.ts';

// Rows of a batch are locked until it is committed: for about so long.
const batchMilliseconds = 40;
const batchBlocksMin = 4;
const batchBlocksMax = 4_096;

/** How far the copying is, in blocks of the table's file. */
export type OnCopied = (done: number, total: number) => void;

/**
 * Copies what was there before the trigger was, block by block of the table's file. Rows that somebody is changing are
 * left out and looked for again: nobody is waited for, and nobody waits for more than a batch.
 */
export async function backfill(
  database: Database,
  state: TableState,
  restFactor: number,
  onCopied: OnCopied,
): Promise<void> {
  do await passThrough(database, state, restFactor, onCopied);
  while (await isLeft(database, state));
}

async function passThrough(
  database: Database,
  state: TableState,
  restFactor: number,
  onCopied: OnCopied,
): Promise<void> {
  const total = await countBlocks(database, state.table);
  let blocks = batchBlocksMin;
  for (let done = 0; done < total;) {
    const end = Math.min(done + blocks, total);
    const began = performance.now();
    await database.query(copyStatement(state), [`(${done},0)`, `(${end},0)`]);
    const took = Math.max(performance.now() - began, 1);
    done = end;
    onCopied(done, total);
    const fitting = Math.round((blocks * batchMilliseconds) / took);
    blocks = Math.min(Math.max(fitting, batchBlocksMin, 1), 2 * blocks, batchBlocksMax);
    if (restFactor > 0) await sleep(took * restFactor);
  }
}

async function countBlocks(database: Database, table: string): Promise<number> {
  const [row] = await database.query<{ blocks: number }>(
    `select (pg_relation_size($1::regclass) / current_setting('block_size')::int)::float8 as blocks`,
    [quoted(table)],
  );
  return row?.blocks ?? 0;
}

function copyStatement({ table, columns }: TableState): string {
  const name = quoted(table);
  const copies = columns.map(
    (column) => `${quoted(wideName(column.name))} = ${quoted(column.name)}`,
  );
  return `
    update ${name} set ${copies.join(', ')} where ctid = any(array(
      select ctid from ${name} where ctid >= $1::tid and ctid < $2::tid and (${differs(columns)})
      for no key update skip locked))`;
}

async function isLeft(database: Database, { table, columns }: TableState): Promise<boolean> {
  const left = `select 1 from ${quoted(table)} where ${differs(columns)} limit 1`;
  return (await database.query(left)).length > 0;
}

const differs = (columns: TableState['columns']): string =>
  columns
    .map(({ name }) => `${quoted(wideName(name))} is distinct from ${quoted(name)}`)
    .join(' or ');
