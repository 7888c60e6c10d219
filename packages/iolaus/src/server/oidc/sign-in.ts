import { z } from 'zod';
import { ApiError } from '../http/api-error.ts';
import type { RequestContext } from '../http/context.ts';
import { readCookie, sendCookie } from '../http/cookies.ts';

/** A sign-in that somebody has begun: kept by their browser, so that any server of the farm can finish it. */
const signInSchema = z.object({
  provider: z.string(),
  state: z.string().min(1),
  nonce: z.string().min(1),
  verifier: z.string().min(1),
  /** Where they go then. */
  after: z.string(),
});

export type SignIn = z.output<typeof signInSchema>;

const cookie = { name: 'iolaus_oidc', site: 'Lax', path: '/oidc-callback' } as const;

// As long as Hydra gives.
const patienceSeconds = 600;

export function keepSignIn(context: RequestContext, signIn: SignIn): void {
  const value = Buffer.from(JSON.stringify(signIn)).toString('base64url');
  sendCookie(context, { ...cookie, value, seconds: patienceSeconds });
}

/** What this browser began with the provider; it can be finished once. Throws `ApiError`. */
export function takeSignIn(context: RequestContext, provider: string): SignIn {
  const kept = readCookie(context.req.header('cookie'), cookie.name);
  sendCookie(context, { ...cookie, value: '', seconds: 0 });
  const signIn = parseSignIn(kept ?? '');
  if (signIn?.provider === provider && signIn.state === context.req.query('state')) return signIn;
  const sentence =
    'This sign-in was not begun in this browser, or more than ten minutes ago. Begin it again.';
  throw new ApiError(400, 'sign-in-lost', sentence);
}

function parseSignIn(kept: string): SignIn | undefined {
  try {
    return signInSchema.parse(JSON.parse(Buffer.from(kept, 'base64url').toString()));
  } catch {
    // Somebody else's, or none.
    return undefined;
  }
}
