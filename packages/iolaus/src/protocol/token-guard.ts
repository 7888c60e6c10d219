import { hash, timingSafeEqual } from 'node:crypto';
import type { Guard } from './call/answer-calls.ts';
import { CallError } from './call-error.ts';

const scheme = 'Bearer ';

/**
 * Lets calls pass that carry one of the tokens; all, if there is no list. Compares digests in constant time, so that
 * nobody can find a token out character by character.
 */
export function tokenGuard(tokens: () => readonly string[] | null): Guard {
  return (headers) => {
    const accepted = tokens();
    if (accepted === null) return;
    if (!isAuthorised(headers.authorization, accepted)) {
      throw new CallError('unauthenticated', 'No valid auth token');
    }
  };
}

/** Whether an `authorization` header shows one of the tokens. */
export function isAuthorised(header: string | undefined, accepted: readonly string[]): boolean {
  if (header?.startsWith(scheme) !== true) return false;
  const digest = hash('sha256', header.slice(scheme.length), 'buffer');
  let found = false;
  for (const token of accepted) {
    if (timingSafeEqual(hash('sha256', token, 'buffer'), digest)) found = true;
  }
  return found;
}
