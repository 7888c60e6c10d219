import type { Join } from '../../protocol/join.ts';
import { findLacking } from './forced-substituters.ts';
import { findExcess } from './join-limits.ts';
import type { Refusals } from './refusals.ts';

/** Throws `CallError` for a join that says too much, or that lacks what builders of this farm have to have. */
export function checkJoin(
  join: Join,
  refusals: Refusals,
  forcedSubstituters: readonly string[],
): void {
  const excess = findExcess(join);
  if (excess !== null) throw refusals.refuse('join-too-large', excess);
  const lacking = findLacking(join, forcedSubstituters);
  if (lacking === null) return;
  throw refusals.refuse('substituters-missing', `${join.hostname}: ${lacking}`);
}
