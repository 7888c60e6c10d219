import type { Queryable } from './connection/connection.ts';

/** An upload in parts that somebody was allowed, and that has neither been completed nor aborted. */
export type OpenMultipart = {
  /** The cache's address. */
  readonly store: string;
  readonly key: string;
  readonly uploadId: string;
};

export const insertMultipartStatement = `
  insert into iolaus.multipartuploads (store, key, uploadid) values ($1::text, $2::text, $3::text)`;

export async function insertMultipart(
  database: Queryable,
  { store, key, uploadId }: OpenMultipart,
): Promise<void> {
  await database.query(insertMultipartStatement, [store, key, uploadId]);
}

export const deleteMultipartStatement = `
  delete from iolaus.multipartuploads where store = $1::text and uploadid = $2::text`;

export async function deleteMultipart(
  database: Queryable,
  { store, uploadId }: Pick<OpenMultipart, 'store' | 'uploadId'>,
): Promise<void> {
  await database.query(deleteMultipartStatement, [store, uploadId]);
}

export const readMultipartsStatement = `
  select store, key, uploadid as "uploadId" from iolaus.multipartuploads`;

export function readMultiparts(database: Queryable): Promise<OpenMultipart[]> {
  return database.query(readMultipartsStatement);
}
