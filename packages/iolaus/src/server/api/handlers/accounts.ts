import type { Answer } from '../../../api/contract.ts';
import {
  deleteSession,
  deleteToken,
  insertCredential,
  listTokens,
} from '../../../database/rights/credentials.ts';
import type { TokenRow } from '../../../database/rights/credentials.ts';
import { signInAddress } from '../../oidc/addresses.ts';
import { clientAddress } from '../../http/client-address.ts';
import { ApiError, notFound } from '../../http/api-error.ts';
import type { Visitor } from '../../rights/visitor.ts';
import { makeSecret } from '../../rights/secrets.ts';
import type { Call, Handlers } from '../handlers.ts';
import { secondsNow } from '../introduce.ts';
import { checkPassword, clearSession, sessionOf, startSession } from '../session.ts';
import { wordTime, wordTimeOrNull } from '../wording.ts';

const daySeconds = 86_400;

export const accountHandlers: Handlers<
  'readSignIns' | 'logIn' | 'logOut' | 'readAccount' | 'listTokens' | 'createToken' | 'revokeToken'
> = {
  readSignIns: async (_, { sources }) => ({
    providers: sources.identityProviders.map(({ settings: { name, displayName } }) => ({
      name,
      displayName,
      address: signInAddress(name),
    })),
  }),

  async logIn({ body: { username, password } }, { sources, context }) {
    sources.attempts.add(clientAddress(context));
    const user = await checkPassword(sources.database, username, password);
    await startSession(sources.database, context, user.name);
    return describeAccount({ type: 'session', user });
  },

  async logOut(_, { sources, context }) {
    const session = sessionOf(context);
    if (session !== undefined) await deleteSession(sources.database, session, secondsNow());
    clearSession(context);
    return {};
  },

  readAccount: async (_, call) => describeAccount(visitorOf(call)),

  async listTokens(_, call) {
    const rows = await listTokens(call.sources.database, visitorOf(call).user.name);
    return { items: rows.map(describeToken) };
  },

  async createToken({ body: { name, scopes, days } }, call) {
    const visitor = visitorOf(call);
    refuseMore(visitor, scopes);
    const { shown, hash } = makeSecret('iolaus_token_');
    const createdAt = secondsNow();
    const token = { name, scopes, createdAt, expiresAt: createdAt + days * daySeconds };
    const id = await insertCredential(call.sources.database, {
      ...token,
      hash,
      user: visitor.user.name,
    });
    return { ...describeToken({ ...token, id, usedAt: null }), secret: shown };
  },

  async revokeToken({ address: { token } }, call) {
    const { user } = visitorOf(call);
    if (await deleteToken(call.sources.database, user.name, token)) return {};
    throw notFound(`You have no token ${token}.`);
  },
};

/** A token that leaks must not become one that can more, or longer than somebody notices. Throws `ApiError`. */
function refuseMore(visitor: Exclude<Visitor, { type: 'anonymous' }>, scopes: readonly string[]) {
  const excess = scopes.find(
    (scope) =>
      visitor.type === 'token' && !visitor.scopes.some((own) => [scope, 'admin'].includes(own)),
  );
  if (excess === undefined) return;
  throw new ApiError(403, 'denied', `The token that asks is not good for “${excess}” itself.`);
}

function visitorOf({ visitor }: Call): Exclude<Visitor, { type: 'anonymous' }> {
  if (visitor.type === 'anonymous') throw new Error('an account was asked for by nobody');
  return visitor;
}

function describeAccount(visitor: Exclude<Visitor, { type: 'anonymous' }>): Answer<'readAccount'> {
  const { name, fullName, roles, projects } = visitor.user;
  return {
    username: name,
    fullName,
    roles: [...roles],
    projects: [...projects],
    scopes: visitor.type === 'session' ? null : [...visitor.scopes],
  };
}

const describeToken = (row: TokenRow): Answer<'listTokens'>['items'][number] => ({
  id: row.id,
  name: row.name,
  scopes: [...row.scopes],
  createdAt: wordTime(row.createdAt),
  expiresAt: wordTime(row.expiresAt),
  usedAt: wordTimeOrNull(row.usedAt),
});
