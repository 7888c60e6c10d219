import type { Database } from '../connection/connection.ts';
import { Fault } from '../../fault/fault.ts';
import { alone } from './locking.ts';
import type { LockTally } from './locking.ts';
import { backfill } from './backfill.ts';
import { addTrigger, copyToWide, dropTrigger } from './copying.ts';
import { makeCounterparts } from './counterparts.ts';
import { leaveBehind } from './leave-behind.ts';
import { swap } from './swap.ts';
import { narrowName, quoted, wideName } from './time-columns.ts';
import { readTable, readTables } from './table-state.ts';
import type { TableState } from './table-state.ts';
import { unswap } from './unswap.ts';

export type Progress =
  | { readonly type: 'copying'; readonly table: string; readonly share: number }
  | { readonly type: 'indexing'; readonly table: string; readonly index: string }
  | { readonly type: 'swapped'; readonly table: string }
  | { readonly type: 'finished'; readonly table: string };

export type WidenOptions = {
  readonly database: Database;
  /** How long to rest after each batch, as a multiple of the time that it took; 0: not at all. */
  readonly restFactor: number;
  /** Drop the narrow columns: until then all can be taken back. */
  readonly finishes: boolean;
  readonly onProgress: (progress: Progress) => void;
};

export type WidenResult = {
  /** For how long at most a table was locked, or a lock on it wanted. */
  readonly longestLockMilliseconds: number;
};

/**
 * Makes every 32-bit time column of a live Hydra a 64-bit one, without holding up its programs: wide columns are filled
 * beside the narrow ones, and take their place in a moment. Whoever calls it again goes on where it was broken off.
 */
export async function widenTimestamps(options: WidenOptions): Promise<WidenResult> {
  const { database, finishes, onProgress } = options;
  await refuseOldServer(database);
  await database.query('create schema if not exists iolaus');
  const tally: LockTally = { longestMilliseconds: 0 };
  for (const { table } of await readTables(database)) await prepare(options, table, tally);
  for (const { table } of await readTables(database)) {
    const state = await readTable(database, table);
    if (state.stage !== 'widening') continue;
    await swap(database, state, tally);
    onProgress({ type: 'swapped', table });
  }
  if (finishes) await finish(options, tally);
  return { longestLockMilliseconds: tally.longestMilliseconds };
}

/** Takes back what has not been finished: the narrow columns are in their place again, and the wide ones gone. */
export async function narrowTimestamps({
  database,
  onProgress,
}: Pick<WidenOptions, 'database' | 'onProgress'>): Promise<WidenResult> {
  const tally: LockTally = { longestMilliseconds: 0 };
  for (const state of await readTables(database)) {
    if (state.stage === 'narrow' || state.stage === 'wide') continue;
    if (state.stage === 'swapped') {
      await refuseLateTimes(database, state);
      await unswap(database, state, tally);
    }
    await leaveBehind(database, await readTable(database, state.table), wideName, tally);
    onProgress({ type: 'finished', table: state.table });
  }
  return { longestLockMilliseconds: tally.longestMilliseconds };
}

/** Everything up to the moment before the wide columns take their place. */
async function prepare(
  { database, restFactor, onProgress }: WidenOptions,
  table: string,
  tally: LockTally,
): Promise<void> {
  const state = await readTable(database, table);
  if (state.stage === 'swapped' || state.stage === 'wide') return;
  if (state.stage === 'narrow') await addColumns(database, state, tally);
  await backfill(database, state, restFactor, (done, total) =>
    onProgress({ type: 'copying', table, share: done / total }),
  );
  await makeCounterparts(database, state, tally, (index) =>
    onProgress({ type: 'indexing', table, index }),
  );
}

async function addColumns(
  database: Database,
  { table, columns }: TableState,
  tally: LockTally,
): Promise<void> {
  const added = columns.map(({ name }) => `add column ${quoted(wideName(name))} bigint`);
  await alone(database, table, tally, async (transaction) => {
    await dropTrigger(transaction, table);
    await transaction.query(`alter table ${quoted(table)} ${added.join(', ')}`);
    await copyToWide(transaction, table, columns);
    await addTrigger(transaction, table);
  });
}

async function finish({ database, onProgress }: WidenOptions, tally: LockTally): Promise<void> {
  for (const state of await readTables(database)) {
    if (state.stage !== 'swapped') continue;
    await leaveBehind(database, state, narrowName, tally);
    onProgress({ type: 'finished', table: state.table });
  }
}

/** Below it every batch would read the whole table. */
const oldestServer = 14;

async function refuseOldServer(database: Database): Promise<void> {
  const [row] = await database.query<{ major: number }>(
    `select current_setting('server_version_num')::int / 10000 as major`,
  );
  if (row === undefined || row.major >= oldestServer) return;
  throw new Fault('foreign-database', `PostgreSQL ${row.major} is too old for this`, {
    remedy: `Upgrade the server to version ${oldestServer} or newer first.`,
  });
}

async function refuseLateTimes(database: Database, { table, columns }: TableState): Promise<void> {
  for (const { name } of columns) {
    const late = `select 1 from ${quoted(table)} where ${quoted(name)} is not null and ${quoted(narrowName(name))} is null limit 1`;
    if ((await database.query(late)).length === 0) continue;
    throw new Fault('bad-usage', `${table}.${name} has times that do not fit into 32 bits`, {
      remedy: 'There is no way back for them: finish with iolaus database widen-timestamps.',
    });
  }
}
