import type { Queryable } from '../connection/connection.ts';

/**
 * How far somebody has read: a snapshot of PostgreSQL's (`pg_snapshot`). What was not committed in it is what they have not
 * read, whichever number it has: transactions do not end in the order in which they began. It means the same to all servers.
 */
export type Position = string & { readonly __brand: 'Position' };

export type EventRow = {
  readonly type: 'builds' | 'steps' | 'evaluation' | 'jobset';
  readonly jobset: number | null;
  readonly evaluation: number | null;
  /** Null: too many to be told. */
  readonly builds: readonly number[] | null;
  /** Numbers in those builds. */
  readonly steps: readonly number[] | null;
};

const text = /^\d{1,20}:\d{1,20}:(\d{1,20}(,\d{1,20})*)?$/;
// Transactions under way at once, and there are as many as connections.
const charactersMax = 8_000;

/** Null for what is none. */
export const readPosition = (value: string): Position | null =>
  value.length <= charactersMax && isPosition(value) ? value : null;

const isPosition = (value: string): value is Position => text.test(value);

/** The snapshot is the one in which the statement itself sees the events. */
export const readEventsStatement = `
  select now.position, e.type, e.jobset, e.evaluation, e.builds, e.steps
  from (select pg_current_snapshot()::text as position) now
  left join iolaus.events e on e.transaction >= pg_snapshot_xmin($1::pg_snapshot)
    and not pg_visible_in_snapshot(e.transaction, $1::pg_snapshot)
    and ($2::pg_snapshot is null or pg_visible_in_snapshot(e.transaction, $2::pg_snapshot))
  order by e.transaction, e.id limit $3`;

/** What has happened after `from`, up to `to` or to now; `position` is how far that is. At most `limit` rows. */
export async function readEvents(
  database: Queryable,
  {
    from,
    to,
    limit,
  }: { readonly from: Position; readonly to: Position | null; readonly limit: number },
): Promise<{ readonly position: Position; readonly rows: readonly EventRow[] }> {
  const found = await database.query<
    Omit<EventRow, 'type'> & { type: EventRow['type'] | null; position: Position }
  >(readEventsStatement, [from, to, limit]);
  const position = found[0]?.position ?? from;
  const rows = found.flatMap(({ type, ...row }) => (type === null ? [] : { type, ...row }));
  return { position, rows };
}

export const readPositionStatement = `select pg_current_snapshot()::text as "position"`;

export async function readPositionNow(database: Queryable): Promise<Position> {
  const [row] = await database.query<{ position: Position }>(readPositionStatement);
  if (row === undefined) throw new Error('the database has no snapshot');
  return row.position;
}

export const isKnownPositionStatement = `
  select pg_snapshot_xmax($1::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) and (
    coalesce((select min(id) from iolaus.events), 1) = 1
    or exists (select from iolaus.events where transaction < pg_snapshot_xmin($1::pg_snapshot))) as "known"`;

/** Whether all is still there that happened after it, and it is a position of this database. */
export async function isKnownPosition(database: Queryable, position: Position): Promise<boolean> {
  const [row] = await database.query<{ known: boolean }>(isKnownPositionStatement, [position]);
  return row?.known === true;
}

/** The newest stays, by which it is known that nothing after it was deleted. */
export const pruneEventsStatement = `
  delete from iolaus.events where at < $1::bigint and id < (select max(id) from iolaus.events)`;

/** Forgets what happened before a time, in seconds since the epoch. */
export async function pruneEvents(database: Queryable, before: number): Promise<void> {
  await database.query(pruneEventsStatement, [before]);
}
