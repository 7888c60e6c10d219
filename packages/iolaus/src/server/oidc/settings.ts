import { z } from 'zod';
import { grantable } from '../../api/contract.ts';
import { locateSecret, readSecretFile } from '../../configuration/secret.ts';

const isLoopback = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/]|$)/;

const issuer = z
  .url()
  .refine(
    (url) => url.startsWith('https://') || isLoopback.test(url),
    'a URL with https:// (http:// on this machine only)',
  );

/** A provider of identities (OpenID Connect), with the words of Hydra for the same. */
const providerSchema = z.strictObject({
  /** What the button says. */
  displayName: z.string().min(1).optional(),
  /** The issuer's identifier; what it can do stands below it at `.well-known/openid-configuration`. */
  issuer,
  clientId: z.string().min(1),
  /** Without it the server is a public client, known by PKCE alone. */
  clientSecretFile: z.string().min(1).optional(),
  extraScopes: z.array(z.string().min(1)).default([]),
  /** Those whose address has another domain are refused. */
  allowedDomains: z.array(z.string().min(1)).optional(),
  /** The claim that says what somebody may do; a name, or a path with dots. */
  roleClaim: z.string().min(1).default('hydra_roles'),
  /** What its values stand for; without it they are roles themselves. */
  roleMapping: z.record(z.string(), z.array(grantable)).optional(),
});

/** By name, which stands in addresses and in the names of users. */
export const providersSchema = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'a name of small letters, digits and -'),
  providerSchema,
);

export type ProviderSettings = Omit<
  z.output<typeof providerSchema>,
  'displayName' | 'clientSecretFile'
> & {
  readonly name: string;
  readonly displayName: string;
  readonly clientSecret: string | undefined;
};

/** With their secrets. Throws `Fault` `bad-configuration` for one that cannot be read. */
export function readProviders(
  configured: z.output<typeof providersSchema>,
  environment: NodeJS.ProcessEnv,
): ProviderSettings[] {
  return Object.entries(configured).map(([name, { displayName, clientSecretFile, ...rest }]) => ({
    ...rest,
    name,
    displayName: displayName ?? name,
    clientSecret:
      clientSecretFile === undefined
        ? undefined
        : readSecretFile(
            locateSecret(clientSecretFile, environment),
            'the client secret',
            `It is named by oidc.${name}.clientSecretFile.`,
          ),
  }));
}
