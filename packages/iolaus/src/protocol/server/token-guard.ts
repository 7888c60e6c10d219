import { hash, timingSafeEqual } from 'node:crypto';
import type { Guard } from '../call/answer-calls.ts';
import { CallError } from '../call-error.ts';
import { readJoinToken } from '../join-token.ts';
import type { JoinClaims } from '../join-token.ts';

const scheme = 'Bearer ';

/**
 * Lets calls pass that carry one of the tokens, or one that is signed with the key; all, if there is neither. Compares digests in constant time, so that
 * nobody can find a token out character by character.
 */
export function tokenGuard(
  tokens: () => readonly string[] | null,
  joinKey: JoinKey = noKey,
): Guard {
  return (headers) => {
    const accepted = tokens();
    if (accepted === null && joinKey() === null) return;
    if (isAuthorised(headers.authorization, accepted ?? [])) return;
    if (readClaims(headers.authorization, joinKey) !== null) return;
    throw new CallError('unauthenticated', 'No valid auth token');
  };
}

/** Signs join tokens; asked at every call. Null: there are none. */
export type JoinKey = () => string | null;
const noKey: JoinKey = () => null;

/** What the caller's join token says; null: it shows none that is signed with the key. */
export function readClaims(header: string | undefined, joinKey: JoinKey): JoinClaims | null {
  const key = joinKey();
  if (key === null || header?.startsWith(scheme) !== true) return null;
  return readJoinToken(key, header.slice(scheme.length));
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
