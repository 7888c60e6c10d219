import type { Queryable } from '../connection/connection.ts';

/** Somebody whom another program knows: there is no password here. */
export type ExternalUser = {
  readonly name: string;
  readonly fullName: string | null;
  readonly email: string;
  /** Hydra's word for how they sign in. */
  readonly type: 'oidc';
};

export const saveExternalUserStatement = `
  insert into users (username, fullname, emailaddress, password, type) values ($1, $2, $3, '!', $4)
  on conflict (username) do update set
    fullname = coalesce(excluded.fullname, users.fullname), emailaddress = excluded.emailaddress`;

/** Makes the account when they first come, and keeps it as they are. */
export async function saveExternalUser(
  database: Queryable,
  { name, fullName, email, type }: ExternalUser,
): Promise<void> {
  await database.query(saveExternalUserStatement, [name, fullName, email, type]);
}
