import { checkFacts } from '../../farm/refusals/check-amounts.ts';
import { builderId } from '../../farm/identity.ts';
import type { Join } from '../../protocol/join.ts';
import { findLacking } from './forced-substituters.ts';
import { findExcess } from './join-limits.ts';
import { builderFacts } from './builder-facts.ts';
import type { Refusals } from './refusals.ts';

/** Throws `CallError` for a join that says too much, or that lacks what builders of this farm have to have. */
export function checkJoin(
  join: Join,
  refusals: Refusals,
  forcedSubstituters: readonly string[],
): void {
  const excess = findExcess(join);
  if (excess !== null) throw refusals.refuse('join-too-large', excess);
  // The farm would leave it out, and nobody would tell the builder.
  const absurd = checkFacts(builderId(join.hostname), builderFacts(join));
  if (absurd !== null) throw refusals.refuse('absurd-join', absurd.message);
  const lacking = findLacking(join, forcedSubstituters);
  if (lacking === null) return;
  throw refusals.refuse('substituters-missing', `${join.hostname}: ${lacking}`);
}
