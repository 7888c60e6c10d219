import type { Database } from '../connection/connection.ts';
import { alone } from './locking.ts';
import type { LockTally } from './locking.ts';
import { readBelongings } from './belongings.ts';
import { quoted, wideName } from './time-columns.ts';
import type { TableState } from './table-state.ts';

/** Says that the wide column is never empty, so that nobody has to look through the table when that is demanded. */
export const presenceName = (column: string): string => `${wideName(column)}_present`;

/** Makes for the wide columns what the narrow ones have: indexes and checks. What is there already stays. */
export async function makeCounterparts(
  database: Database,
  state: TableState,
  tally: LockTally,
  onIndex: (name: string) => void,
): Promise<void> {
  const { table, columns } = state;
  const { indexes, checks } = await readBelongings(database, state);
  for (const { name, definition } of indexes) {
    onIndex(name);
    await makeIndex(database, wideName(name), definition);
  }
  const wanted = [
    ...checks.map(({ name, definition }) => ({ name: wideName(name), definition })),
    ...columns
      .filter(({ notNull }) => notNull)
      .map(({ name }) => ({
        name: presenceName(name),
        definition: `check (${quoted(wideName(name))} is not null)`,
      })),
  ];
  for (const { name, definition } of wanted)
    await makeCheck(database, table, name, definition, tally);
  await database.query(`analyze ${quoted(table)}`);
}

/** Without a lock that holds up anybody. One that was broken off leaves a torso, which makes way. */
async function makeIndex(database: Database, name: string, definition: string): Promise<void> {
  const [known] = await database.query<{ isValid: boolean }>(
    'select indisvalid as "isValid" from pg_index where indexrelid = to_regclass($1)',
    [quoted(name)],
  );
  if (known?.isValid === true) return;
  if (known !== undefined) await database.query(`drop index concurrently ${quoted(name)}`);
  await database.query(
    definition.replace(
      /^create (unique )?index \S+/i,
      `create $1index concurrently ${quoted(name)}`,
    ),
  );
}

async function makeCheck(
  database: Database,
  table: string,
  name: string,
  definition: string,
  tally: LockTally,
): Promise<void> {
  const [known] = await database.query<{ isValid: boolean }>(
    'select convalidated as "isValid" from pg_constraint where conrelid = to_regclass($1) and conname = $2',
    [table, name],
  );
  if (known === undefined) {
    const add = `alter table ${quoted(table)} add constraint ${quoted(name)} ${definition} not valid`;
    await alone(database, table, tally, async (transaction) => {
      await transaction.query(add);
    });
  }
  if (known?.isValid !== true) {
    await database.query(`alter table ${quoted(table)} validate constraint ${quoted(name)}`);
  }
}
