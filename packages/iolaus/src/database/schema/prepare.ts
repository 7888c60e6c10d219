import { readFileSync } from 'node:fs';
import pg from 'pg';
import { advisoryLocks } from '../advisory-locks.ts';
import type { Database, Queryable } from '../connection/connection.ts';
import { recogniseSchema } from './recognise-schema.ts';

const schema = readFileSync(new URL('hydra-87.sql', import.meta.url), 'utf8');
const searchIndex = `
  create extension if not exists pg_trgm;
  create index IndexTrgmBuildsOnDrvpath on Builds using gin (drvpath gin_trgm_ops)`;

/**
 * Makes Hydra's schema in an empty database; leaves one that is there alone. Throws `Fault` `foreign-database` where the
 * tables are not Hydra's, or are not what we can work with.
 */
export async function prepareDatabase(database: Database): Promise<'created' | 'present'> {
  return database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [advisoryLocks.schema]);
    const tables = await listTables(transaction);
    if (tables.size === 0) {
      await createSchema(transaction);
      return 'created';
    }
    await recogniseSchema(transaction, tables);
    return 'present';
  });
}

/** Looks whether it is Hydra's, and changes nothing. Throws `Fault` `foreign-database` where it is not, or is empty. */
export async function recogniseDatabase(database: Database): Promise<void> {
  await recogniseSchema(database, await listTables(database));
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
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await queryable.query('rollback to savepoint search');
  }
}

// Insufficient privilege; feature not supported and file not found, which both mean that the extension is not installed.
const refusals = new Set(['42501', '0A000', '58P01']);

const isRefusal = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && refusals.has(error.code ?? '');

/** Prepared statements hold one command each, so that a script goes through a block that executes it. */
async function runScript(queryable: Queryable, script: string): Promise<void> {
  await queryable.query(`do $script$ begin execute ${quoted(script)}; end $script$`);
}

const quoted = (text: string): string => `$text$${text}$text$`;
