import type { Database } from '../../connection/connection.ts';

type Item = { readonly table: string; readonly item: string };

/** Each statement tells one kind of thing that a table has, in the words of the listing. */
const kinds = [
  `select table_name::text as "table", column_name || ' ' || case
     when column_default like 'nextval(%' then 'serial'
     else data_type || case is_nullable when 'NO' then ' not null' else '' end
       || coalesce(' default ' || regexp_replace(column_default, '::text$', ''), '') end as "item"
   from information_schema.columns where table_schema = 'public'`,
  `select conrelid::regclass::text as "table", lower(pg_get_constraintdef(oid)) as "item"
   from pg_constraint where connamespace = 'public'::regnamespace and contype = 'p'`,
  `select conrelid::regclass::text as "table", 'foreign key ' || substring(pg_get_constraintdef(oid) from '\\(.*?\\)')
     || ' -> ' || confrelid::regclass
     || case confdeltype when 'c' then ', delete cascade' when 'n' then ', delete set null' else '' end
     || case confupdtype when 'c' then ', update cascade' else '' end as "item"
   from pg_constraint where connamespace = 'public'::regnamespace and contype = 'f'`,
  `select tablename::text as "table", 'index ' || indexname || ' ' || case when indexdef like 'CREATE UNIQUE%' then 'unique ' else '' end
     || regexp_replace(indexdef, '^.* USING ', '') as "item"
   from pg_indexes where schemaname = 'public' and indexname not like '%\\_pkey'`,
  `select conrelid::regclass::text as "table", 'check ' || conname as "item"
   from pg_constraint where connamespace = 'public'::regnamespace and contype = 'c'`,
  `select event_object_table::text as "table", 'trigger ' || trigger_name || ' ' || lower(action_timing) || ' '
     || string_agg(lower(event_manipulation), ' or ' order by position(event_manipulation in 'INSERT UPDATE DELETE'))
     || ' each ' || lower(action_orientation) as "item"
   from information_schema.triggers where trigger_schema = 'public'
   group by event_object_table, trigger_name, action_timing, action_orientation`,
  `select tablename::text as "table", 'rule ' || rulename || ' on insert' as "item"
   from pg_rules where schemaname = 'public' and definition like '%ON INSERT%'`,
];

/** Tables with their columns, keys, indexes, checks, triggers and rules, a line each, in an order of its own. */
export async function listSchema(database: Database): Promise<string> {
  const tables = new Map<string, string[]>();
  for (const kind of kinds) {
    const found = await database.query<Item>(kind);
    const items = found.map(({ table, item }) => ({ table, item: tidy(item) }));
    for (const { table, item } of items.toSorted(byItem)) {
      tables.set(table, [...(tables.get(table) ?? []), item]);
    }
  }
  const names = [...tables.keys()].toSorted();
  return names.map((name) => [name, ...(tables.get(name) ?? [])].join('\n  ')).join('\n\n') + '\n';
}

const byItem = (one: Item, other: Item): number => (one.item < other.item ? -1 : 1);

/** PostgreSQL puts words of its language in capitals or quotes, and brackets around each comparison. */
function tidy(item: string): string {
  if (!item.startsWith('index ')) return item.toLowerCase();
  const [place = '', condition] = item.toLowerCase().replaceAll('"', '').split(' where ');
  return condition === undefined ? place : `${place} where ${condition.replaceAll(/[()]/g, '')}`;
}
