import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import test from 'node:test';
import type { Database, Queryable } from './connection/connection.ts';
import { testDatabase } from './testing.ts';
import { usedColumns } from './schema/used-columns.ts';

type NamedStatement = { readonly name: string; readonly text: string };

/** Every exported constant of the folder whose name says that it is a statement, or several. */
async function findStatements(): Promise<NamedStatement[]> {
  const files = await readdir(import.meta.dirname, { recursive: true });
  const modules = files.filter((file) => file.endsWith('.ts') && !file.includes('test'));
  const statements: NamedStatement[] = [];
  for (const file of modules) {
    const exported: Record<string, unknown> = await import(new URL(file, import.meta.url).href);
    for (const [name, value] of Object.entries(exported)) {
      if (/Statements?$/.test(name) && typeof value !== 'function')
        statements.push(...flatten(`${file} ${name}`, value));
    }
  }
  return statements;
}

function flatten(name: string, value: unknown): NamedStatement[] {
  if (typeof value === 'string') return [{ name, text: value }];
  assert.ok(typeof value === 'object' && value !== null, `${name} is no statement`);
  return Object.entries(value).flatMap(([key, one]) => flatten(`${name}.${key}`, one));
}

/** What the server says against a statement; undefined if it can be run. */
async function objection(transaction: Queryable, text: string): Promise<string | undefined> {
  await transaction.query('savepoint attempt');
  try {
    await transaction.query(`prepare attempt as ${text}`);
    await transaction.query('deallocate attempt');
    return undefined;
  } catch (error) {
    await transaction.query('rollback to savepoint attempt');
    return String(error);
  }
}

async function objections(
  database: Database,
  statements: readonly NamedStatement[],
): Promise<string[]> {
  return database.transaction(async (transaction) => {
    const found: string[] = [];
    for (const { name, text } of statements) {
      const said = await objection(transaction, text);
      if (said !== undefined) found.push(`${name}: ${said}`);
    }
    return found;
  });
}

const statements = await findStatements();

test('every statement of the folder is one that the server accepts', async () => {
  await using made = await testDatabase();
  assert.ok(statements.length >= 40, `only ${statements.length} statements were found`);
  assert.deepEqual(await objections(made.database, statements), []);
});

test('every statement is accepted when times have 64 bits', async () => {
  await using made = await testDatabase();
  await widenTimes(made.database);
  assert.deepEqual(await objections(made.database, statements), []);
});

test('every statement is accepted by the oldest version that will do', async () => {
  await using made = await testDatabase();
  await made.database.query('alter table buildsteps drop column resolveddrvpath');
  await made.database.query('alter table jobsetevalinputs drop column shortrevlength');
  for (const table of ['projects', 'jobsets'])
    await made.database.query(`alter table ${table} drop column enable_dynamic_run_command`);
  assert.deepEqual(await objections(made.database, statements), []);
});

test('the columns that a database must have are exactly those without which a statement fails', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const columns = await database.query<{ table: string; column: string }>(
    `select table_name::text as "table", column_name::text as "column" from information_schema.columns
     where table_schema = 'public'`,
  );
  const needed: string[] = [];
  for (const { table, column } of columns) {
    const mentioning = statements.filter(
      ({ text }) => text.toLowerCase().includes(column) && text.includes(table),
    );
    if (mentioning.length > 0 && (await isMissed(database, table, column, mentioning))) {
      needed.push(`${table}.${column}`);
    }
  }
  assert.deepEqual(usedColumns.toSorted(), needed.toSorted());
});

class Undone extends Error {}

async function isMissed(
  database: Database,
  table: string,
  column: string,
  mentioning: readonly NamedStatement[],
): Promise<boolean> {
  let missed = false;
  const trying = database.transaction(async (transaction) => {
    await transaction.query(`alter table ${table} rename column "${column}" to gone`);
    for (const { text } of mentioning) {
      missed ||= (await objection(transaction, text)) !== undefined;
    }
    throw new Undone();
  });
  await assert.rejects(trying, Undone);
  return missed;
}

async function widenTimes(database: Database): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query(`alter table builds ${widened('timestamp starttime stoptime')}`);
    await transaction.query(`alter table builds ${widened('notificationpendingsince')}`);
    await transaction.query(`alter table buildsteps ${widened('starttime stoptime')}`);
    await transaction.query(`alter table buildmetrics ${widened('timestamp')}`);
    await transaction.query(`alter table jobsetevals ${widened('timestamp')}`);
    await transaction.query(`alter table evaluationerrors ${widened('errortime')}`);
    await transaction.query(`alter table jobsets ${widened('errortime lastcheckedtime')}`);
  });
}

const widened = (columns: string): string =>
  columns
    .split(' ')
    .map((column) => `alter column ${column} type bigint`)
    .join(', ');
