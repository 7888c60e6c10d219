import type { Database } from '../../database/connection/connection.ts';
import { findCredential } from '../../database/rights/credentials.ts';
import { readCookie } from '../http/cookies.ts';
import { hashSecret } from './secrets.ts';
import { withoutPassword } from './visitor.ts';
import type { Visitor } from './visitor.ts';

/** What a request says of who makes it. */
export type Introduction = {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
};

export const sessionCookie = 'iolaus_session';

/**
 * Who makes a request: by a token (`Authorization: Bearer …`) or the cookie of a session. Whoever shows something that is
 * no good is `refused`: to be taken for anonymous would hide the reason.
 */
export async function recognise(
  database: Database,
  introduction: Introduction,
  now: number,
): Promise<Visitor | 'refused'> {
  const secret = secretOf(introduction);
  if (secret === undefined) return { type: 'anonymous' };
  const found = await findCredential(database, hashSecret(secret), now);
  if (found === null) return 'refused';
  const { scopes } = found;
  const user = withoutPassword(found);
  return scopes === null ? { type: 'session', user } : { type: 'token', user, scopes };
}

function secretOf({ authorization, cookie }: Introduction): string | undefined {
  if (authorization !== undefined) return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  return readCookie(cookie, sessionCookie);
}
