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
    const presented = headers.authorization ?? '';
    if (!presented.startsWith(scheme) || !isAmong(accepted, presented.slice(scheme.length))) {
      throw new CallError('unauthenticated', 'No valid auth token');
    }
  };
}

function isAmong(accepted: readonly string[], presented: string): boolean {
  const digest = hash('sha256', presented, 'buffer');
  let found = false;
  for (const token of accepted) {
    if (timingSafeEqual(hash('sha256', token, 'buffer'), digest)) found = true;
  }
  return found;
}
