import type { Queryable, Transaction } from './connection/connection.ts';

/** Something to publish. */
export type WantedUpload = {
  /** Base name. */
  readonly derivation: string;
  /** Base names; none: its log alone. */
  readonly outputs: readonly string[];
};

/** One that waits for its turn, or was given up. */
export type Upload = WantedUpload & {
  readonly id: number;
  /** Its address. */
  readonly store: string;
  /** So far, in vain. */
  readonly tries: number;
};

export type UploadState = Upload & {
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly error: string | null;
  readonly isGivenUp: boolean;
};

/** PostgreSQL's arrays are rectangular: outputs come as one text each. Who wants it again has it tried again. */
export const insertUploadsStatement = `
  insert into iolaus.uploads (store, derivation, outputs)
  select store, derivation, string_to_array(outputs, ' ')
  from unnest($1::text[]) store cross join unnest($2::text[], $3::text[]) wanted (derivation, outputs)
  on conflict (store, derivation, outputs) do update set tries = 0, notbefore = 0, givenup = false`;

/** @param wanted each once */
export async function insertUploads(
  transaction: Transaction,
  stores: readonly string[],
  wanted: readonly WantedUpload[],
): Promise<void> {
  if (stores.length === 0 || wanted.length === 0) return;
  await transaction.query(insertUploadsStatement, [
    stores,
    wanted.map(({ derivation }) => derivation),
    wanted.map(({ outputs }) => outputs.join(' ')),
  ]);
}

export const readDueUploadsStatement = `
  select id, store, derivation, outputs, tries from iolaus.uploads
  where not givenup and notbefore <= $1::bigint and store = any($2::text[]) and id != all($3::bigint[])
  order by id limit $4::int`;

/** The oldest that are due, but for some. */
export function readDueUploads(
  database: Queryable,
  options: {
    /** Milliseconds since the epoch. */
    readonly now: number;
    readonly stores: readonly string[];
    readonly except: readonly number[];
    readonly limit: number;
  },
): Promise<Upload[]> {
  const { now, stores, except, limit } = options;
  return database.query(readDueUploadsStatement, [now, stores, except, limit]);
}

export const deleteUploadStatement = `delete from iolaus.uploads where id = $1::bigint`;

export async function deleteUpload(database: Queryable, id: number): Promise<void> {
  await database.query(deleteUploadStatement, [id]);
}

export const postponeUploadStatement = `
  update iolaus.uploads set tries = tries + 1, notbefore = $2::bigint, error = $3::text, givenup = $4::boolean
  where id = $1::bigint`;

export async function postponeUpload(
  database: Queryable,
  {
    id,
    notBefore,
    error,
    isGivenUp,
  }: Pick<UploadState, 'id' | 'notBefore' | 'error' | 'isGivenUp'>,
): Promise<void> {
  await database.query(postponeUploadStatement, [id, notBefore, error, isGivenUp]);
}

export const readUploadsStatement = `
  select id, store, derivation, outputs, tries, notbefore as "notBefore", error, givenup as "isGivenUp"
  from iolaus.uploads where $1::boolean is null or givenup = $1::boolean order by id`;

/** `waiting`: those that will be tried again by themselves. The oldest come first. */
export function readUploads(
  database: Queryable,
  which: 'all' | 'waiting' | 'given-up',
): Promise<UploadState[]> {
  const isGivenUp = which === 'all' ? null : which === 'given-up';
  return database.query(readUploadsStatement, [isGivenUp]);
}

export const retryUploadsStatement = `
  update iolaus.uploads set givenup = false, tries = 0, notbefore = 0
  where givenup and ($1::bigint is null or id = $1::bigint) returning id`;

/** Gives all that were given up, or one of them, another chance; tells which these are. */
export async function retryUploads(
  database: Queryable,
  id: number | null = null,
): Promise<number[]> {
  const rows = await database.query<{ id: number }>(retryUploadsStatement, [id]);
  return rows.map((row) => row.id);
}

/** The address of a store for people: it may hold a password, and its parameters name files. */
export function withoutSecrets(store: string): string {
  return store.replace(/\?.*$/, '').replace(/\/\/[^/@]*@/, '//');
}
