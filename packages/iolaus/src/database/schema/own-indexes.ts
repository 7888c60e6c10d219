import pg from 'pg';
import { Fault } from '../../fault/fault.ts';
import type { Database } from '../connection/connection.ts';
import { estimateRows } from './estimate-rows.ts';
import { buildGroupOf, buildNamesOf } from './indexed-expressions.ts';

/**
 * Indexes of ours on Hydra's tables: what lists of API v2 are answered from. Every statement works without them too, only
 * slower, since nobody but who owns the tables may make them.
 */
type OwnIndex = {
  /** In lower case, as PostgreSQL keeps it. */
  readonly name: string;
  readonly table: 'builds' | 'buildsteps';
  /** What follows the name of the table. */
  readonly definition: string;
  readonly extension?: 'pg_trgm';
};

export const ownIndexes: readonly OwnIndex[] = [
  { name: 'iolausbuildsonjobset', table: 'builds', definition: '(jobset_id, id desc)' },
  {
    name: 'iolausbuildsongroup',
    table: 'builds',
    definition: `(${buildGroupOf('')}, id desc)`,
  },
  {
    name: 'iolausbuildsonjobsetgroup',
    table: 'builds',
    definition: `(jobset_id, ${buildGroupOf('')}, id desc)`,
  },
  {
    name: 'iolausbuildscurrentjobs',
    table: 'builds',
    definition: '(jobset_id, job, system, id) where iscurrent = 1',
  },
  {
    name: 'iolausbuildsnames',
    table: 'builds',
    extension: 'pg_trgm',
    definition: `using gin ((${buildNamesOf('')}) gin_trgm_ops)`,
  },
  {
    name: 'iolausstepsonmachine',
    table: 'buildsteps',
    definition: '(machine, stoptime desc) where starttime is not null and stoptime is not null',
  },
];

/** One that was broken off half-way is there, but answers nothing; one that is being made is left to who makes it. */
export const listMissingIndexesStatement = `
  select wanted.name, c.relname is not null as "isBroken"
  from unnest($1::text[], $2::text[]) wanted (name, "table")
  left join pg_class c on c.relname = wanted.name and c.relkind = 'i'
    and c.relnamespace = (select t.relnamespace from pg_class t where t.oid = to_regclass(wanted."table"))
  left join pg_index i on i.indexrelid = c.oid
  where i.indisvalid is not true
    and not exists (select from pg_stat_progress_create_index p where p.index_relid = c.oid)`;

type MissingIndex = OwnIndex & { readonly isBroken: boolean };

export async function listMissingIndexes(database: Database): Promise<readonly MissingIndex[]> {
  const rows = await database.query<{ name: string; isBroken: boolean }>(
    listMissingIndexesStatement,
    [ownIndexes.map(({ name }) => name), ownIndexes.map(({ table }) => table)],
  );
  return ownIndexes.flatMap((index) => {
    const missing = rows.find(({ name }) => name === index.name);
    return missing === undefined ? [] : { ...index, isBroken: missing.isBroken };
  });
}

/** What became of one that was missing. */
export type IndexMade =
  | { readonly type: 'making' | 'made'; readonly index: string }
  | { readonly type: 'refused'; readonly index: string; readonly why: string };

/** Makes what is missing, one after the other, while everybody goes on reading and writing. What is refused is left out. */
export async function makeOwnIndexes(
  database: Database,
  onProgress: (made: IndexMade) => void = () => {},
): Promise<void> {
  for (const missing of await listMissingIndexes(database)) {
    const index = missing.name;
    onProgress({ type: 'making', index });
    try {
      await makeIndex(database, missing);
      onProgress({ type: 'made', index });
    } catch (error) {
      const refused = refusalIn(error);
      if (refused === undefined) throw error;
      onProgress({ type: 'refused', index, why: refused.message });
    }
  }
  // How many builds are called alike is known only of an index that was looked through.
  await database.query('analyze builds');
}

async function makeIndex(database: Database, missing: MissingIndex): Promise<void> {
  const { name, table, definition, extension, isBroken } = missing;
  if (extension !== undefined) await database.query(`create extension if not exists ${extension}`);
  if (isBroken) await database.query(`drop index concurrently ${name}`);
  await database.query(`create index concurrently ${name} on ${table} ${definition}`);
}

// Insufficient privilege; feature not supported, file and object not found, which all mean that there is no such extension;
// duplicate table: somebody else makes it.
const refusals = new Set(['42501', '0A000', '58P01', '42704', '42P07']);

/** What the server says who does not let us, or cannot. */
function refusalIn(error: unknown): Error | undefined {
  const cause = error instanceof Fault ? error.cause : error;
  return cause instanceof pg.DatabaseError && refusals.has(cause.code ?? '') ? cause : undefined;
}

// Below it an index is made in a moment.
const fewBuilds = 100_000;

/** In a database of few builds indexes are made at once; in others somebody chooses the time for it. False: that is left to do. */
export async function makeOwnIndexesIfSmall(database: Database): Promise<boolean> {
  if ((await estimateRows(database, 'builds')) > fewBuilds)
    return (await listMissingIndexes(database)).length === 0;
  await makeOwnIndexes(database);
  return true;
}
