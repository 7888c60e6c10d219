import type { JoinClaims } from './join-token.ts';

/** Who calls; the token has been checked. */
export type Caller = {
  /** Address and port, or "unix". */
  readonly address: string;
  /** What its join token says; null or nothing: it has shown another one, or needs none. Told with a join only. */
  readonly claims?: JoinClaims | null;
};

/**
 * Whether two calls come from one machine, perhaps over several connections. Behind a proxy all do: it may send calls of
 * several builders over one connection, and those of one builder over several.
 */
export const areOfOneMachine = (one: Caller, other: Caller): boolean =>
  hostOf(one) === hostOf(other);

const hostOf = ({ address }: Caller): string => address.replace(/:\d+$/, '');
