import { createHash, randomBytes } from 'node:crypto';

/** A secret that is shown once, and what is kept of it. */
export type Secret = { readonly shown: string; readonly hash: string };

// As many as nobody can guess.
const secretBytes = 32;

/** `prefix` tells people, and programs that look for leaked secrets, what it is. */
export function makeSecret(prefix: 'iolaus_token_' | 'iolaus_session_'): Secret {
  const shown = `${prefix}${randomBytes(secretBytes).toString('base64url')}`;
  return { shown, hash: hashSecret(shown) };
}

/** Secrets are random: one round is enough, and an index finds what it gives. */
export const hashSecret = (shown: string): string =>
  createHash('sha256').update(shown).digest('hex');
