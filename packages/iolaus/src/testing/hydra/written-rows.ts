import type { LiveFarm } from '../live-farm.ts';

/** What a runner wrote of builds, by tables, said as in every other farm. */
export type WrittenRows = Readonly<Record<string, readonly Row[]>>;

type Row = Readonly<Record<string, unknown>>;

/** How the ids of builds, and texts with paths in them, are said alike in all farms. */
export type Words = {
  readonly build: (id: unknown) => unknown;
  readonly text: (text: string) => string;
};

const queries = {
  builds: 'select to_jsonb(t) as row from builds t where id = any($1) order by id',
  buildoutputs: inTable('buildoutputs', 'name'),
  buildsteps: inTable('buildsteps', 'stepnr'),
  buildstepoutputs: inTable('buildstepoutputs', 'stepnr, name'),
  buildproducts: inTable('buildproducts', 'type, subtype'),
  buildmetrics: inTable('buildmetrics', 'name'),
};

function inTable(table: string, order: string): string {
  return `select to_jsonb(t) as row from ${table} t where build = any($1) order by build, ${order}`;
}

const buildColumns = new Set(['id', 'build', 'propagatedfrom']);
const timeColumns = new Set(['timestamp', 'starttime', 'stoptime', 'notificationpendingsince']);
// Chance in Hydra's runner: it may try a step once more that has just failed for good, take a build for one that was there
// already whose end it is recording, and puts outputs in any order.
const chanceColumns = new Set(['stepnr', 'iscachedbuild', 'productnr']);
// Each runner's builder says it in words of its own; milliseconds are nobody's promise.
const ownColumns = new Set(['errormsg', 'overhead']);

const eachOnce = (rows: readonly Row[]): Row[] => [
  ...new Map(rows.map((row) => [JSON.stringify(row), row] as const)).values(),
];

export async function readWrittenRows(
  { database }: LiveFarm,
  builds: readonly number[],
  words: Words,
): Promise<WrittenRows> {
  const say = (column: string, value: unknown): unknown => {
    if (buildColumns.has(column)) return words.build(value);
    if (timeColumns.has(column)) return value === null ? null : 'a time';
    if (ownColumns.has(column)) return value === null ? null : 'something';
    return typeof value === 'string' ? words.text(value) : value;
  };
  const written: Record<string, readonly Row[]> = {};
  for (const [table, query] of Object.entries(queries)) {
    const rows = await database.query<{ row: Row }>(query, [builds]);
    written[table] = eachOnce(
      rows.map(({ row }) =>
        Object.fromEntries(
          Object.entries(row)
            .filter(([column]) => !chanceColumns.has(column))
            .map(([column, value]) => [column, say(column, value)]),
        ),
      ),
    );
  }
  return written;
}
