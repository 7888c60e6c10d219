import { readFileSync } from 'node:fs';
import { Fault } from '../fault/fault.ts';
import type { Database, Queryable } from './connection.ts';
import { usedColumns } from './used-columns.ts';

const schema = readFileSync(new URL('schema/hydra-87.sql', import.meta.url), 'utf8');
const searchIndex = `
  create extension if not exists pg_trgm;
  create index IndexTrgmBuildsOnDrvpath on Builds using gin (drvpath gin_trgm_ops)`;

/** Any number that Hydra does not use: two programs that start at once make the schema one after the other. */
const lockNumber = 7_065_428;
/** Output paths may be unknown since then; older databases are upgraded by Hydra's own `hydra-init`. */
const oldestVersion = 80;

/**
 * Makes Hydra's schema in an empty database; leaves one that is there alone. Throws `Fault` `foreign-database` where the
 * tables are not Hydra's, or lack a column that we use.
 */
export async function prepareDatabase(database: Database): Promise<'created' | 'present'> {
  return database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [lockNumber]);
    const tables = await listTables(transaction);
    if (tables.size === 0) {
      await createSchema(transaction);
      return 'created';
    }
    await recognise(transaction, tables);
    return 'present';
  });
}

async function listTables(queryable: Queryable): Promise<Set<string>> {
  const rows = await queryable.query<{ name: string }>(
    `select c.relname::text as "name" from pg_class c
     where c.relnamespace = to_regnamespace(current_schema()) and c.relkind in ('r', 'p')`,
  );
  return new Set(rows.map(({ name }) => name));
}

async function createSchema(queryable: Queryable): Promise<void> {
  await runScript(queryable, schema);
  // Searching by a part of a path is faster with the extension, which not every server has or lets one make.
  await queryable.query('savepoint search');
  try {
    await runScript(queryable, searchIndex);
  } catch {
    await queryable.query('rollback to savepoint search');
  }
}

/** Prepared statements hold one command each, so that a script goes through a block that executes it. */
async function runScript(queryable: Queryable, script: string): Promise<void> {
  await queryable.query(`do $script$ begin execute ${quoted(script)}; end $script$`);
}

const quoted = (text: string): string => `$text$${text}$text$`;

async function recognise(queryable: Queryable, tables: ReadonlySet<string>): Promise<void> {
  if (!tables.has('schemaversion') || !tables.has('builds')) {
    const some = [...tables].toSorted().slice(0, 5).join(', ');
    throw foreign(
      `it has tables of somebody else (${some})`,
      'Name an empty database, or one of Hydra.',
    );
  }
  const versions = await queryable.query<{ version: number }>('select version from schemaversion');
  const [version] = versions.map((row) => row.version);
  if (versions.length !== 1 || version === undefined) {
    throw foreign(`its table schemaversion has ${versions.length} rows instead of one`);
  }
  if (version < oldestVersion) {
    throw foreign(
      `its schema has version ${version}, and ${oldestVersion} is the oldest that will do`,
      "Run Hydra's hydra-init on it first.",
    );
  }
  await refuseMissingColumns(queryable);
}

async function refuseMissingColumns(queryable: Queryable): Promise<void> {
  const rows = await queryable.query<{ table: string; column: string }>(
    `select table_name::text as "table", column_name::text as "column" from information_schema.columns
     where table_schema = current_schema()`,
  );
  const present = new Set(rows.map(({ table, column }) => `${table}.${column}`));
  const missing = usedColumns.filter((column) => !present.has(column));
  if (missing.length === 0) return;
  throw foreign(`it lacks ${missing.slice(0, 5).join(', ')}`, "Run Hydra's hydra-init on it.");
}

function foreign(
  what: string,
  remedy = 'Restore it from a dump, or name another database.',
): Fault {
  return new Fault('foreign-database', `the database is not one of Hydra's: ${what}`, { remedy });
}
