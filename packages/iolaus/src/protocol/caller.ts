import type { JoinClaims } from './join-token.ts';

/** Who calls; the token has been checked. */
export type Caller = {
  /** Address and port, or "unix". */
  readonly address: string;
  /** What its join token says; null or nothing: it has shown another one, or needs none. Told with a join only. */
  readonly claims?: JoinClaims | null;
};
