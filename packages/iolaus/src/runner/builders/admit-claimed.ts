import type { Clock } from '../../clock/clock.ts';
import type { JoinClaims } from '../../protocol/join-token.ts';
import type { Join } from '../../protocol/join.ts';
import type { Bindings } from './bindings.ts';
import type { Refusals } from './refusals.ts';

/**
 * A join with a token for one machine: the builder gets the name and the abilities that the token says. What it claims
 * beyond that is left out and counted. Throws `CallError` where another builder has used the token, or nobody in time.
 */
export async function admitClaimed(
  join: Join,
  claims: JoinClaims,
  {
    bindings,
    refusals,
    clock,
  }: { readonly bindings: Bindings; readonly refusals: Refusals; readonly clock: Clock },
): Promise<Join> {
  const isExpired = clock.now() > claims.expiresAt;
  const { hostname } = claims;
  if (join.builder === null || !(await bindings.bind(hostname, join.builder, { isExpired }))) {
    const why = isExpired ? 'has expired' : "is another builder's";
    throw refusals.refuse('join-token-used', `the join token of ${hostname} ${why}`);
  }
  const admitted = confine(join, claims);
  if (claimsMore(join, admitted)) {
    refusals.refuse('claimed-too-much', `${hostname} claims more than its join token says`);
  }
  return admitted;
}

function confine(join: Join, claims: JoinClaims): Join {
  const isAllowed = (allowed: readonly string[]) => (word: string) => allowed.includes(word);
  return {
    ...join,
    hostname: claims.hostname,
    systems: join.systems.filter(isAllowed(claims.systems)),
    supportedFeatures: join.supportedFeatures.filter(isAllowed(claims.features)),
    mandatoryFeatures: claims.mandatoryFeatures,
    maxJobs: Math.min(join.maxJobs, claims.maxJobs),
  };
}

const claimsMore = (join: Join, admitted: Join): boolean =>
  join.hostname !== admitted.hostname ||
  join.maxJobs > admitted.maxJobs ||
  join.systems.length > admitted.systems.length ||
  join.supportedFeatures.length > admitted.supportedFeatures.length;
