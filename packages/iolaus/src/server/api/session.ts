import { randomUUID } from 'node:crypto';
import type { Database } from '../../database/connection/connection.ts';
import { insertCredential } from '../../database/rights/credentials.ts';
import { findUser } from '../../database/rights/find-user.ts';
import { ApiError } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { readCookie, sendCookie } from '../http/cookies.ts';
import { hashPassword, isPassword } from '../rights/password.ts';
import { sessionCookie } from '../rights/recognise.ts';
import { hashSecret, makeSecret } from '../rights/secrets.ts';
import { withoutPassword } from '../rights/visitor.ts';
import type { User } from '../rights/visitor.ts';
import { secondsNow } from './introduce.ts';

// As long as a session of Hydra's pages.
const sessionSeconds = 7 * 86_400;

/** One at a time: each hash of Hydra's takes hundreds of megabytes. */
let checking: Promise<unknown> = Promise.resolve();

const signedInCookie = 'iolaus_signed_in';

let ofNobody: Promise<string> | undefined;

/** Made once, as costly to check as those of people. */
const passwordOfNobody = (): Promise<string> => (ofNobody ??= hashPassword(randomUUID()));

/** Whose password it is. Throws `ApiError`, the same for an unknown user and for a wrong password. */
export async function checkPassword(
  database: Database,
  name: string,
  password: string,
): Promise<User> {
  const check = checking.then(async () => {
    const found = await findUser(database, name);
    // Whoever is not there takes as long as whoever is: nobody learns from the time who has an account.
    const hasPassword = found?.password.startsWith('$argon2') === true;
    const stored = hasPassword ? found.password : await passwordOfNobody();
    const isRight = await isPassword(password, stored);
    return isRight ? found : null;
  });
  checking = check.catch(() => {});
  const user = await check;
  if (user === null) throw new ApiError(403, 'bad-login', 'Bad user name or password.');
  return withoutPassword(user);
}

/** No script can read the cookie, and no other site has it sent. */
export async function startSession(
  database: Database,
  context: RequestContext,
  user: string,
): Promise<void> {
  const { shown, hash } = makeSecret('iolaus_session_');
  const createdAt = secondsNow();
  await insertCredential(database, {
    hash,
    user,
    name: null,
    scopes: null,
    createdAt,
    expiresAt: createdAt + sessionSeconds,
  });
  setCookie(context, shown, sessionSeconds);
}

export const clearSession = (context: RequestContext): void => setCookie(context, '', 0);

/** The hash of the session by whose cookie a request comes. */
export function sessionOf(context: RequestContext): string | undefined {
  const secret = readCookie(context.req.header('cookie'), sessionCookie);
  return secret === undefined ? undefined : hashSecret(secret);
}

function setCookie(context: RequestContext, value: string, seconds: number): void {
  sendCookie(context, { name: sessionCookie, value, site: 'Strict', path: '/', seconds });
  // The page cannot read the session's; by this one it knows that it is worth asking who is signed in.
  const mark = { name: signedInCookie, value: seconds > 0 ? 'yes' : '', isForScripts: true };
  sendCookie(context, { ...mark, site: 'Strict', path: '/', seconds });
}
