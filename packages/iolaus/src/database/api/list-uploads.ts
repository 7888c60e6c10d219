import type { Queryable } from '../connection/connection.ts';
import type { UploadState } from '../uploads.ts';

export const listUploadsStatement = `
  select id, store, derivation, outputs, tries, notbefore as "notBefore", error, givenup as "isGivenUp"
  from iolaus.uploads where ($1::boolean is null or givenup = $1) and id > $2::bigint order by id limit $3::int4`;

/** The oldest after one. @param isGivenUp null: all of them */
export function listUploads(
  database: Queryable,
  {
    isGivenUp,
    after,
    limit,
  }: { readonly isGivenUp: boolean | null; readonly after: number; readonly limit: number },
): Promise<UploadState[]> {
  return database.query(listUploadsStatement, [isGivenUp, after, limit]);
}
