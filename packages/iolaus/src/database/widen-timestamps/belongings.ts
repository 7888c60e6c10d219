import type { Queryable } from '../connection/connection.ts';
import { replaceColumns, wideName } from './time-columns.ts';
import type { TableState } from './table-state.ts';

/** What depends on the narrow columns of a table, with the statement that makes the same for the wide ones. */
export type Belongings = {
  readonly indexes: readonly Belonging[];
  readonly checks: readonly Belonging[];
  /** `definition` as it is now: a trigger that looks at a column has to be made anew when another takes its place. */
  readonly triggers: readonly { readonly name: string; readonly definition: string }[];
};

export type Belonging = {
  readonly name: string;
  /** Of the counterpart, which is called `…_wide`; for a check what stands behind `constraint NAME`. */
  readonly definition: string;
};

const readIndexesStatement = `
  select i.relname::text as "name", pg_get_indexdef(i.oid) as "definition"
  from pg_index x join pg_class i on i.oid = x.indexrelid
  where x.indrelid = to_regclass($1) and exists (
    select from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.classid = 'pg_class'::regclass and d.objid = i.oid and d.refobjid = x.indrelid
      and a.attname = any($2::text[]))
  order by i.relname`;

const readChecksStatement = `
  select c.conname::text as "name", pg_get_constraintdef(c.oid) as "definition"
  from pg_constraint c
  where c.conrelid = to_regclass($1) and c.contype = 'c' and exists (
    select from pg_attribute a
    where a.attrelid = c.conrelid and a.attnum = any(c.conkey) and a.attname = any($2::text[]))
  order by c.conname`;

const readTriggersStatement = `
  select distinct t.tgname::text as "name", pg_get_triggerdef(t.oid) as "definition"
  from pg_trigger t
    join pg_depend d on d.classid = 'pg_trigger'::regclass and d.objid = t.oid and d.refobjid = t.tgrelid
    join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where t.tgrelid = to_regclass($1) and a.attname = any($2::text[])
  order by 1`;

export async function readBelongings(
  queryable: Queryable,
  { table, columns }: TableState,
): Promise<Belongings> {
  const names = columns.map(({ name }) => name);
  const read = (statement: string): Promise<Belonging[]> =>
    queryable.query<Belonging>(statement, [table, names]);
  const widened = ({ name, definition }: Belonging): Belonging => ({
    name,
    definition: replaceColumns(definition, names, wideName),
  });
  return {
    indexes: (await read(readIndexesStatement)).map(widened),
    checks: (await read(readChecksStatement)).map(widened),
    triggers: await read(readTriggersStatement),
  };
}
