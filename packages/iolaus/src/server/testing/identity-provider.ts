import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { ProviderSettings } from '../oidc/settings.ts';

/** What it does wrong, or says no to. */
type Trick = 'denial' | 'other-nonce' | 'other-key' | 'other-audience' | 'other-secret';

/** A provider of identities that knows one person, and asks nothing but whether it is them. */
export type MadeUpProvider = AsyncDisposable & {
  readonly settings: ProviderSettings;
  /** What it says of the person in the token, and when it is asked. */
  claims: { token: object; userInfo: object };
  trick: Trick | null;
};

type Grant = { readonly nonce: string; readonly challenge: string; readonly redirectUri: string };

const clientId = 'farm';
const clientSecret = 'a secret of the farm';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const strange = generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** On 127.0.0.1, which to a browser is another site than localhost. */
export async function serveIdentityProvider(): Promise<MadeUpProvider> {
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it has no port');
  const issuer = `http://127.0.0.1:${address.port}`;

  const provider: MadeUpProvider = {
    settings: {
      name: 'olympus',
      displayName: 'Olympus',
      issuer,
      clientId,
      clientSecret,
      extraScopes: ['groups'],
      roleClaim: 'hydra_roles',
      allowedDomains: undefined,
      roleMapping: undefined,
    },
    claims: { token: {}, userInfo: {} },
    trick: null,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', issuer);
    const parts: Readonly<Record<string, () => unknown>> = {
      '/.well-known/openid-configuration': () => describe(issuer),
      '/keys': () => ({
        keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }],
      }),
      '/authorize': () => authorize(searchParams),
      '/person': () => ({ sub: 'p-1', ...provider.claims.userInfo }),
    };
    const body = pathname === '/token' ? redeem(await text(request)) : parts[pathname]?.();
    const isPage = typeof body === 'string';
    const status = typeof body === 'object' && body !== null && 'error' in body ? 401 : 200;
    response.writeHead(status, { 'content-type': isPage ? 'text/html' : 'application/json' });
    response.end(isPage ? body : JSON.stringify(body));
  }

  function authorize(asked: URLSearchParams): string {
    const code = randomUUID();
    const redirectUri = asked.get('redirect_uri') ?? '';
    const challenge = asked.get('code_challenge') ?? '';
    grants.set(code, { nonce: asked.get('nonce') ?? '', challenge, redirectUri });
    const said: Readonly<Record<string, string>> =
      provider.trick === 'denial'
        ? { error: 'access_denied', error_description: 'you said <b>no</b>' }
        : { code };
    const back = new URLSearchParams({ ...said, state: asked.get('state') ?? '' });
    return `<a href="${redirectUri}?${back.toString().replaceAll('&', '&amp;')}">It is me</a>`;
  }

  function redeem(form: string): object {
    const asked = new URLSearchParams(form);
    const grant = grants.get(asked.get('code') ?? '');
    grants.delete(asked.get('code') ?? '');
    const verifier = asked.get('code_verifier') ?? '';
    const secret = provider.trick === 'other-secret' ? '' : clientSecret;
    if (asked.get('client_secret') !== secret) return { error: 'invalid_client' };
    const isSame = createHash('sha256').update(verifier).digest('base64url') === grant?.challenge;
    if (!isSame || asked.get('redirect_uri') !== grant.redirectUri)
      return { error: 'invalid_grant' };
    return { access_token: 'access', token_type: 'bearer', id_token: makeToken(grant.nonce) };
  }

  function makeToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1_000);
    const { trick, claims } = provider;
    const payload = {
      iss: issuer,
      sub: 'p-1',
      iat: now,
      exp: now + 60,
      aud: trick === 'other-audience' ? 'another' : clientId,
      nonce: trick === 'other-nonce' ? 'another' : nonce,
      ...claims.token,
    };
    const signed = [{ alg: 'ES256', kid: 'one' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const key = trick === 'other-key' ? strange.privateKey : privateKey;
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }

  return provider;
}

const describe = (issuer: string): object => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/keys`,
  userinfo_endpoint: `${issuer}/person`,
  id_token_signing_alg_values_supported: ['ES256'],
});
