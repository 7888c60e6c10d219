import type { Queryable, Transaction } from '../connection/connection.ts';

/** What stays as it is where nothing is said, and what a new account gets then. */
export type UserChange = {
  readonly name: string;
  readonly email: string | undefined;
  /** As Hydra keeps it. */
  readonly password: string | undefined;
};

export const saveUserStatement = `
  insert into users (username, emailaddress, password) values ($1, coalesce($2, ''), coalesce($3, '!'))
  on conflict (username) do update set
    emailaddress = coalesce($2, users.emailaddress), password = coalesce($3, users.password)`;

export const replaceRolesStatements = {
  remove: `delete from userroles where username = $1`,
  add: `insert into userroles (username, role) select $1, role from unnest($2::text[]) as role`,
};

/** Makes an account of Hydra's, or changes what is said of it. */
export async function saveUser(
  database: Queryable,
  { name, email, password }: UserChange,
): Promise<void> {
  await database.query(saveUserStatement, [name, email ?? null, password ?? null]);
}

export async function replaceRoles(
  transaction: Transaction,
  name: string,
  roles: readonly string[],
): Promise<void> {
  await transaction.query(replaceRolesStatements.remove, [name]);
  await transaction.query(replaceRolesStatements.add, [name, [...new Set(roles)]]);
}
