import type { Database } from '../../database/connection/connection.ts';
import { insertCredential } from '../../database/rights/credentials.ts';
import { replaceRoles, saveUser } from '../../database/rights/save-user.ts';
import { makeSecret } from '../rights/secrets.ts';

/** A user with roles of Hydra's. */
export async function addUser(
  database: Database,
  name: string,
  roles: readonly string[] = [],
  password?: string,
): Promise<void> {
  await saveUser(database, { name, email: undefined, password });
  await database.transaction((transaction) => replaceRoles(transaction, name, roles));
}

/** A header that shows a token of the user's, good for everything. */
export async function tokenOf(
  database: Database,
  user: string,
  scopes: readonly string[] = ['admin'],
): Promise<{ authorization: string }> {
  const { shown, hash } = makeSecret('iolaus_token_');
  const createdAt = Math.floor(Date.now() / 1_000);
  const times = { createdAt, expiresAt: createdAt + 3_600 };
  await insertCredential(database, { hash, user, name: 'test', scopes, ...times });
  return { authorization: `Bearer ${shown}` };
}
