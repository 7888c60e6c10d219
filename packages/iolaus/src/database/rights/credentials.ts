import type { Queryable } from '../connection/connection.ts';
import { userColumns } from './find-user.ts';
import type { UserRow } from './find-user.ts';

/** What somebody shows in order to be known: of a token or a session. Times in seconds. */
export type Credential = {
  /** Of the secret, which is kept nowhere. */
  readonly hash: string;
  readonly user: string;
  /** Null for a session. */
  readonly name: string | null;
  /** Null for a session: it may all that its user may. */
  readonly scopes: readonly string[] | null;
  readonly createdAt: number;
  readonly expiresAt: number;
};

export const insertCredentialStatement = `
  insert into iolaus.credentials (hash, username, name, scopes, createdat, expiresat)
  values ($1, $2, $3, $4, $5, $6) returning id`;

export async function insertCredential(
  database: Queryable,
  { hash, user, name, scopes, createdAt, expiresAt }: Credential,
): Promise<number> {
  const parameters = [hash, user, name, scopes, createdAt, expiresAt];
  const [row] = await database.query<{ id: number }>(insertCredentialStatement, parameters);
  if (row === undefined) throw new Error('the database gave no id to a credential');
  return row.id;
}

/** Whoever shows it is known, and when they were last seen is kept to the minute. */
export const findCredentialStatement = `
  with found as (
    select * from iolaus.credentials where hash = $1 and expiresat > $2::bigint
  ), seen as (
    update iolaus.credentials c set usedat = $2::bigint from found f
    where c.id = f.id and $2::bigint - coalesce(f.usedat, 0) >= 60
  )
  select ${userColumns}, f.scopes from found f join users u on u.username = f.username`;

export type FoundCredential = UserRow & { readonly scopes: readonly string[] | null };

/** Whose it is; null if it is nobody's, or no longer good. */
export async function findCredential(
  database: Queryable,
  hash: string,
  now: number,
): Promise<FoundCredential | null> {
  const rows = await database.query<FoundCredential>(findCredentialStatement, [hash, now]);
  return rows[0] ?? null;
}

export const listTokensStatement = `
  select id, name, scopes, createdat as "createdAt", expiresat as "expiresAt", usedat as "usedAt"
  from iolaus.credentials where username = $1 and name is not null order by id`;

export type TokenRow = {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly usedAt: number | null;
};

export async function listTokens(database: Queryable, user: string): Promise<TokenRow[]> {
  return database.query<TokenRow>(listTokensStatement, [user]);
}

export const deleteTokenStatement = `
  delete from iolaus.credentials where username = $1 and id = $2 and name is not null returning id`;

/** Whether there was one. */
export async function deleteToken(database: Queryable, user: string, id: number): Promise<boolean> {
  return (await database.query(deleteTokenStatement, [user, id])).length > 0;
}

export const deleteSessionStatement = `
  delete from iolaus.credentials where (hash = $1 and name is null) or expiresat <= $2::bigint`;

/** Ends a session, and whatever is too old with it. */
export async function deleteSession(database: Queryable, hash: string, now: number): Promise<void> {
  await database.query(deleteSessionStatement, [hash, now]);
}
