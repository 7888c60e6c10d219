import type { Queryable } from '../connection/connection.ts';

/** An account of Hydra's. */
export type UserRow = {
  readonly name: string;
  readonly fullName: string | null;
  readonly password: string;
  readonly roles: readonly string[];
  /** Those that the user owns or is a member of. */
  readonly projects: readonly string[];
};

export const userColumns = `
  u.username as "name", u.fullname as "fullName", u.password,
  array(select r.role from userroles r where r.username = u.username order by r.role) as "roles",
  array(
    select p.name from projects p where p.owner = u.username
    union select m.project from projectmembers m where m.username = u.username order by 1) as "projects"`;

export const findUserStatement = `select ${userColumns} from users u where u.username = $1`;

export async function findUser(database: Queryable, name: string): Promise<UserRow | null> {
  const rows = await database.query<UserRow>(findUserStatement, [name]);
  return rows[0] ?? null;
}
