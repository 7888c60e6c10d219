import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { replaceRoles } from '../../database/rights/save-user.ts';
import { saveExternalUser } from '../../database/rights/save-external-user.ts';
import type { Database } from '../../database/connection/connection.ts';
import { describeError } from '../../fault/fault.ts';
import { startSession } from '../api/session.ts';
import { wordError } from '../http/answer.ts';
import { notFound } from '../http/api-error.ts';
import { clientAddress } from '../http/client-address.ts';
import type { RequestContext } from '../http/context.ts';
import { isEncrypted } from '../http/cookies.ts';
import type { App, Sources } from '../routes.ts';
import { wordFailure } from './failure.ts';
import { identify } from './identity.ts';
import type { Identity } from './identity.ts';
import type { IdentityProvider } from './provider.ts';
import { callbackAddress, signInAddress } from './addresses.ts';
import { keepSignIn, takeSignIn } from './sign-in.ts';

/** The two addresses by which somebody signs in with a provider of identities. */
export function addSignInRoutes(app: App, sources: Sources): void {
  app.get(signInAddress(':provider'), (context) =>
    orFailurePage(context, sources, (provider) => begin(context, sources, provider)),
  );
  app.get(callbackAddress(':provider'), (context) =>
    orFailurePage(context, sources, (provider) => finish(context, sources, provider)),
  );
}

async function begin(
  context: RequestContext,
  sources: Sources,
  provider: IdentityProvider,
): Promise<Response> {
  const { name } = provider.settings;
  const redirectUri = originOf(context, sources) + callbackAddress(name);
  const { address, secrets } = await provider.begin(redirectUri);
  keepSignIn(context, { ...secrets, provider: name, after: readAfter(context) });
  return redirect(context, address);
}

async function finish(
  context: RequestContext,
  sources: Sources,
  provider: IdentityProvider,
): Promise<Response> {
  const { database, logger } = sources;
  const { after, ...secrets } = takeSignIn(context, provider.settings.name);
  sources.attempts.add(clientAddress(context));
  const { pathname, search } = new URL(context.req.url);
  const address = new URL(originOf(context, sources) + pathname + search);
  const identity = identify(provider.settings, await provider.finish(address, secrets));
  await saveIdentity(database, identity);
  await startSession(database, context, identity.username);
  logger.info({ user: identity.username }, 'a person signed in');
  return redirect(context, after);
}

const saveIdentity = (database: Database, { username, roles, ...user }: Identity): Promise<void> =>
  database.transaction(async (transaction) => {
    await saveExternalUser(transaction, { ...user, name: username, type: 'oidc' });
    if (roles !== null) await replaceRoles(transaction, username, roles);
  });

/** The page of signing in, with what is wrong. */
async function orFailurePage(
  context: RequestContext,
  sources: Sources,
  act: (provider: IdentityProvider) => Promise<Response>,
): Promise<Response> {
  const name = context.req.param('provider') ?? '';
  const provider = sources.identityProviders.find(({ settings }) => settings.name === name);
  try {
    if (provider === undefined) throw notFound(`Nobody is known here by ${name}.`);
    return await act(provider);
  } catch (error) {
    const worded = wordFailure(error, provider?.settings.displayName ?? name);
    // What a provider sent may have secrets in it: only the words are told.
    if (worded !== error)
      sources.logger.warn({ provider: name, error: describeError(error) }, 'a sign-in failed');
    const { status, message } = wordError(worded, context.req.path, sources.logger);
    const first = new Map<string, unknown>([['/sign-in-failure', { message }]]);
    return sources.page.answerPage(context, status, first);
  }
}

/** Where people reach this server. */
function originOf(context: RequestContext, { baseUri }: Sources): string {
  if (baseUri !== undefined) return new URL(baseUri).origin;
  return `${isEncrypted(context) ? 'https' : 'http'}://${context.req.header('host')}`;
}

/** Nowhere but here. */
function readAfter(context: RequestContext): string {
  const after = context.req.query('after') ?? '';
  return /^\/(?![/\\])[\x21-\x7e]{0,500}$/.test(after) ? after : '/account';
}

function redirect(context: RequestContext, location: string): Response {
  context.env.outgoing.writeHead(303, { location, 'cache-control': 'no-store' }).end();
  return RESPONSE_ALREADY_SENT;
}
