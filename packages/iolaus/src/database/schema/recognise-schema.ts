import { Fault } from '../../fault/fault.ts';
import type { Queryable } from '../connection/connection.ts';
import { filledTables, usedColumns } from './used-columns.ts';

/** Without them nobody is told of what people do on Hydra's pages. A dump may have been restored without. */
const usedTriggers = [
  'jobsetshareschanged',
  'jobsetsdeleted',
  'buildsdeleted',
  'buildrestarted',
  'buildcancelled',
  'buildbumped',
];

/**
 * Looks at what is there and never at its version: different proposals have claimed the numbers above 87, and one of them
 * was taken back. Whatever has the columns that we use, and wants no others filled, will do: that is so from version 80 on,
 * with times of 32 bits and of 64. Throws `Fault` `foreign-database` that says what is wrong.
 */
export async function recogniseSchema(
  queryable: Queryable,
  tables: ReadonlySet<string>,
): Promise<void> {
  if (!tables.has('schemaversion') || !tables.has('builds')) {
    const some = [...tables].toSorted().slice(0, 5).join(', ');
    throw foreign(
      `it has tables of somebody else (${some})`,
      'Name an empty database, or one of Hydra.',
    );
  }
  await refuseUnclearVersion(queryable);
  await refuseOtherColumns(queryable);
  await refuseMissingTriggers(queryable);
  await refuseWornSequences(queryable);
}

/** Hydra's own programs would not know what to do with it either. */
async function refuseUnclearVersion(queryable: Queryable): Promise<void> {
  const versions = await queryable.query('select version from schemaversion');
  if (versions.length === 1) return;
  throw foreign(`its table schemaversion has ${versions.length} rows instead of one`);
}

async function refuseOtherColumns(queryable: Queryable): Promise<void> {
  const columns = await queryable.query<{ table: string; name: string; isDemanded: boolean }>(
    `select table_name::text as "table", table_name || '.' || column_name as "name",
       is_nullable = 'NO' and column_default is null and is_identity = 'NO' and is_generated = 'NEVER' as "isDemanded"
     from information_schema.columns where table_schema = current_schema()`,
  );
  const present = new Set(columns.map(({ name }) => name));
  const missing = usedColumns.filter((column) => !present.has(column));
  if (missing.length > 0) {
    throw foreign(`it lacks ${missing.slice(0, 5).join(', ')}`, "Run Hydra's hydra-init on it.");
  }
  const known = new Set(usedColumns);
  const unfilled = columns.filter(
    ({ table, name, isDemanded }) => isDemanded && filledTables.has(table) && !known.has(name),
  );
  if (unfilled.length === 0) return;
  const names = unfilled.slice(0, 5).map(({ name }) => name);
  throw foreign(
    `it wants values for ${names.join(', ')}, which we do not know`,
    "If it is an old one, run Hydra's hydra-init on it; if it is a new one, use a newer iolaus.",
  );
}

async function refuseMissingTriggers(queryable: Queryable): Promise<void> {
  const rows = await queryable.query<{ name: string }>(
    `select t.tgname::text as "name" from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = to_regnamespace(current_schema()) and t.tgenabled <> 'D'`,
  );
  const present = new Set(rows.map(({ name }) => name));
  const missing = usedTriggers.filter((trigger) => !present.has(trigger));
  if (missing.length > 0) throw foreign(`it lacks the triggers ${missing.join(', ')}`);
}

/** Tables whose rows get their ids from a sequence. */
const numberedTables = ['builds', 'jobsets', 'jobsetevals', 'evaluationerrors'];

/** A dump of rows alone leaves them where they were: every new row would get the id of an old one. */
async function refuseWornSequences(queryable: Queryable): Promise<void> {
  for (const table of numberedTables) {
    const [row] = await queryable.query<{ isBehind: boolean | null }>(
      `select max(t.id) > coalesce(pg_sequence_last_value(s.name), 0) as "isBehind"
       from pg_get_serial_sequence('${table}', 'id') as s (name) left join ${table} t on true
       where s.name is not null group by s.name`,
    );
    if (row?.isBehind !== true) continue;
    throw foreign(
      `${table} has rows with higher ids than its sequence`,
      `Run: select setval(pg_get_serial_sequence('${table}', 'id'), max(id)) from ${table}`,
    );
  }
}

function foreign(
  what: string,
  remedy = 'Restore it from a dump, or name another database.',
): Fault {
  return new Fault('foreign-database', `the database is not one of Hydra's: ${what}`, { remedy });
}
