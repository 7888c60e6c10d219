import { z } from 'zod';
import { grantable } from '../../api/contract.ts';
import { ApiError } from '../http/api-error.ts';
import type { ProviderSettings } from './settings.ts';

/** Who somebody is, as an account of Hydra's. */
export type Identity = {
  readonly username: string;
  readonly email: string;
  readonly fullName: string | null;
  /** Null where the provider says nothing of roles: what the account has stays. */
  readonly roles: readonly string[] | null;
};

const claimsSchema = z.looseObject({
  // As the specification has it: ASCII, and no longer.
  sub: z.string().regex(/^[\x21-\x7e]{1,255}$/),
  email: z.email().max(254).optional(),
  // Some providers write it as a text.
  email_verified: z.union([z.boolean(), z.string()]).optional(),
  name: z.string().optional(),
});

/**
 * Who a provider says somebody is, by Hydra's convention: `PROVIDER:SUBJECT`, with an e-mail address that is not said to be
 * unverified. Throws `ApiError` for whoever is not let in, with the reason.
 */
export function identify(settings: ProviderSettings, claims: unknown): Identity {
  const { name: provider, displayName, allowedDomains } = settings;
  const { success, data } = claimsSchema.safeParse(claims);
  if (!success) throw refusal(`${displayName} says nothing sensible of who you are.`);
  const { sub, email, email_verified: isVerified, name } = data;
  if (email === undefined) throw refusal(`${displayName} does not tell your e-mail address.`);
  if (String(isVerified) === 'false') {
    throw refusal(`${displayName} says that your e-mail address ${email} is not verified.`);
  }
  refuseOtherDomains(email, allowedDomains);
  return {
    username: `${provider}:${sub}`,
    email,
    fullName: tidyName(name),
    roles: rolesOf(settings, findClaim(data, settings.roleClaim)),
  };
}

function refuseOtherDomains(email: string, allowed: readonly string[] | undefined): void {
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  if (allowed?.some((one) => one.toLowerCase() === domain) ?? true) return;
  throw refusal(`Addresses of ${domain} are not let in here; yours is ${email}.`);
}

const refusal = (sentence: string): ApiError => new ApiError(403, 'sign-in-refused', sentence);

// As long as anybody's.
const nameLengthMax = 100;

const tidyName = (name: string | undefined): string | null =>
  name?.replaceAll(/\p{C}+/gu, '').slice(0, nameLengthMax) || null;

/** A claim by its name, or by a path such as `realm_access.roles`. */
function findClaim(claims: object, path: string): unknown {
  if (Object.hasOwn(claims, path)) return fieldOf(claims, path);
  return path.split('.').reduce<unknown>(fieldOf, claims);
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? new Map(Object.entries(value)).get(name)
    : undefined;

const claimedSchema = z.union([z.array(z.string()), z.string().transform((one) => [one])]);

function rolesOf({ roleMapping }: ProviderSettings, claimed: unknown): readonly string[] | null {
  const { data } = claimedSchema.safeParse(claimed);
  if (data === undefined) return null;
  const known: readonly string[] = grantable.options;
  const roles =
    roleMapping === undefined
      ? data.filter((value) => known.includes(value))
      : data.flatMap((value) =>
          Object.hasOwn(roleMapping, value) ? (roleMapping[value] ?? []) : [],
        );
  return [...new Set(roles)].toSorted();
}
