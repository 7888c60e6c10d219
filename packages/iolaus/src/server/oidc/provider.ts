import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { ClientAuth, Configuration } from 'openid-client';
import type { ProviderSettings } from './settings.ts';

/** What a browser keeps while somebody is at the provider: by it the answer is known to be its own, and new. */
export type Secrets = {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
};

/** A provider of identities. Everything throws what `openid-client` throws (`wordFailure`). */
export type IdentityProvider = {
  readonly settings: ProviderSettings;
  /** Where to send somebody, who will be sent back to `redirectUri`. */
  begin(redirectUri: string): Promise<{ readonly address: string; readonly secrets: Secrets }>;
  /** What it says of whoever was sent back to `address`. */
  finish(address: URL, secrets: Secrets): Promise<object>;
};

// Somebody waits for it.
const patienceSeconds = 10;

/** Asks the provider what it can do when it is first needed, and then keeps that. */
export function connectProvider(settings: ProviderSettings): IdentityProvider {
  let discovered: Promise<Configuration> | undefined;
  const configure = async (): Promise<Configuration> => {
    discovered ??= discover(settings);
    try {
      return await discovered;
    } catch (error) {
      discovered = undefined;
      throw error;
    }
  };
  return {
    settings,
    async begin(redirectUri) {
      const secrets = {
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
      };
      const address = buildAuthorizationUrl(await configure(), {
        redirect_uri: redirectUri,
        state: secrets.state,
        nonce: secrets.nonce,
        scope: ['openid', 'email', 'profile', ...settings.extraScopes].join(' '),
        code_challenge: await calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
      });
      return { address: address.href, secrets };
    },
    finish: async (address, secrets) => exchange(await configure(), address, secrets),
  };
}

function discover({ issuer, clientId, clientSecret }: ProviderSettings): Promise<Configuration> {
  const isOnThisMachine = issuer.startsWith('http:');
  return discovery(new URL(issuer), clientId, {}, authenticate(clientSecret), {
    timeout: patienceSeconds,
    execute: [enableNonRepudiationChecks, ...(isOnThisMachine ? [allowInsecureRequests] : [])],
  });
}

/** As the provider takes it. */
function authenticate(secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_post'];
    const tell = methods.includes('client_secret_post') ? ClientSecretPost : ClientSecretBasic;
    tell(secret)(server, ...rest);
  };
}

async function exchange(
  configuration: Configuration,
  address: URL,
  { state, nonce, verifier }: Secrets,
): Promise<object> {
  const tokens = await authorizationCodeGrant(configuration, address, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  const claims = tokens.claims();
  if (claims === undefined) throw new Error('the provider sent no ID token');
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
  // Many say there what they do not say in the token.
  const more = await fetchUserInfo(configuration, tokens.access_token, claims.sub);
  return { ...more, ...claims };
}
